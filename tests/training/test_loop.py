"""The loop: it learns, keeps its best epoch, and an interrupted run ends as an undisturbed one."""

import signal
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from sklearn.metrics import roc_auc_score
from torch import nn

from contracts.errors import ZooError
from training import loop
from training.begin import CHECKPOINTS, Options
from training.loop import Diverged
from training.pairs import learning
from training.pairs.batches import MONITORED, Degrees, PairBatches, fill_tables, scores, sizes
from training.pairs.learning import PairTraining
from training.recipe import Fit
from zoo.architectures import two_tower

NUMBERS = {
    "max_epochs": 7,
    "patience": 7,
    "batch_size": 256,
    "learning_rate": 0.01,
    "weight_decay": 0.05,
    "gradient_clip": 5.0,
    "ema_decay": 0.0,
    "plateau_patience": None,
    "plateau_factor": 0.5,
}
STEPS = 9  # in an epoch of the toy data


@pytest.fixture
def model(toy_data, toy_split) -> Callable[[], nn.Module]:
    """Makes the same fresh model each time, with both kinds of dropout on."""
    degrees = Degrees.count(toy_data, toy_split.positives(toy_data, "train"))

    def make() -> nn.Module:
        torch.manual_seed(0)
        config = two_tower.Config(
            **sizes(toy_data, degrees),
            identity_dim=8, hidden=16, dim=8, dropout=0.2, identity_dropout=0.3, initial_scale=5.0,
        )  # fmt: skip
        made = two_tower.Model(config)
        fill_tables(made, toy_data, degrees)
        return made

    return make


@pytest.fixture
def fit(toy_data, toy_split) -> Callable[..., list[dict[str, float]]]:
    """Runs the loop on the toy data; keywords change the recipe's numbers or are options."""

    def run(model: nn.Module, folder: Path, **changes) -> list[dict[str, float]]:
        numbers = {name: changes.pop(name, value) for name, value in NUMBERS.items()}
        batches = PairBatches(toy_data, toy_split, NUMBERS["batch_size"], seed=5)
        options = Options(folder, progress=False, **changes)
        task = PairTraining(model.train(), Fit(**numbers), 5, list(batches.monitored))
        return loop.run(task, batches, options)

    return run


def interrupt_in(monkeypatch: pytest.MonkeyPatch, epoch: int, step: int = 3) -> None:
    """A person presses Ctrl-C in the middle of an epoch."""
    steps = PairTraining.training_step

    def pressed(self, batch, index):
        if (self.current_epoch, index) == (epoch, step):
            raise KeyboardInterrupt
        return steps(self, batch, index)

    monkeypatch.setattr(PairTraining, "training_step", pressed)


def same(one: nn.Module, other: nn.Module) -> bool:
    """Whether two models are equal to the last bit."""
    pairs = zip(one.state_dict().values(), other.state_dict().values(), strict=True)
    return all(torch.equal(a, b) for a, b in pairs)


def auroc(model: nn.Module, data, split, part: str) -> float:
    """Held-out edges against rewired ones, by scikit-learn."""
    listed, others = split.positives(data, part), split.negatives[f"{part}/degree_preserving"]
    label = [1] * len(listed) + [0] * len(others)
    return roc_auc_score(label, scores(model, np.concatenate([listed, others])))


def test_it_learns_and_the_figures_are_those_of_the_weights(
    model, fit, toy_data, toy_split, tmp_path
):
    trained = model()
    before = auroc(trained, toy_data, toy_split, "valid")
    history = fit(trained, tmp_path)
    assert before < 0.6
    best = max(history, key=lambda row: row["monitor"])
    assert best["valid"] > 0.75
    assert best["cold_gene_valid"] > 0.75
    assert [row["epoch"] for row in history] == list(range(len(history)))
    parts = ("valid", "cold_gene_valid", "cold_tf_valid")
    for part in parts:
        assert auroc(trained, toy_data, toy_split, part) == pytest.approx(best[part], abs=1e-6)
    for row in history:
        assert row["monitor"] == pytest.approx(sum(row[each] for each in parts) / 3)


def test_the_best_epoch_is_restored_and_not_the_last(
    model, fit, toy_data, toy_split, tmp_path, monkeypatch
):
    """From the fourth epoch on, weights are spoilt after each step."""
    steps = PairTraining.on_train_batch_end

    def spoil(self, *rest):
        if self.current_epoch >= 3:
            for parameter in self.model.parameters():
                parameter.data.normal_()
        return steps(self, *rest)

    monkeypatch.setattr(PairTraining, "on_train_batch_end", spoil)
    trained = model()
    history = fit(trained, tmp_path)
    best = max(history, key=lambda row: row["monitor"])
    assert best["epoch"] < 3
    assert history[-1]["monitor"] < best["monitor"] - 0.1
    got = auroc(trained, toy_data, toy_split, "valid")
    assert got == pytest.approx(best["valid"], abs=1e-6)


def test_training_ends_when_the_figure_stops_rising(model, fit, tmp_path, monkeypatch):
    monkeypatch.setattr(learning, "roc_auc_score", lambda label, logit: 0.5)
    assert len(fit(model(), tmp_path, patience=2)) == 3


def test_a_seed_gives_the_same_weights(model, fit, tmp_path):
    one, other = model(), model()
    fit(one, tmp_path / "one", max_epochs=2)
    torch.manual_seed(77)
    fit(other, tmp_path / "other", max_epochs=2)
    assert same(one, other)
    assert not same(one, model())


@pytest.mark.parametrize(
    ("epoch", "changes"),
    [(1, {}), (3, {}), (1, {"ema_decay": 0.9}), (3, {"ema_decay": 0.9})],
)
def test_an_interrupted_run_goes_on_as_if_undisturbed(
    model, fit, tmp_path, monkeypatch, epoch, changes
):
    changes = {"max_epochs": 5} | changes
    undisturbed, resumed = model(), model()
    expected = fit(undisturbed, tmp_path / "one", **changes)
    with monkeypatch.context() as patch:
        interrupt_in(patch, epoch)
        with pytest.raises(KeyboardInterrupt):
            fit(resumed, tmp_path / "two", **changes)
    assert (tmp_path / "two" / CHECKPOINTS / "last.ckpt").is_file()
    torch.manual_seed(123)
    fresh = model()
    history = fit(fresh, tmp_path / "two", resume=True, **changes)
    assert history == expected
    assert same(fresh, undisturbed)


def test_the_average_of_the_weights_is_what_is_validated_and_kept(
    model, fit, toy_data, toy_split, tmp_path, monkeypatch
):
    """W <- decay * w + (1 - decay) * step, kept here by hand beside the loop."""
    steps: list[torch.Tensor] = []

    def note(self, outputs, batch, index):
        steps.append(self.model.tf.net[0].weight.detach().clone())

    monkeypatch.setattr(PairTraining, "on_train_batch_end", note, raising=False)
    trained = model()
    history = fit(trained, tmp_path, max_epochs=1, ema_decay=0.8)
    average = steps[0]
    for weight in steps[1:]:
        average = 0.8 * average + 0.2 * weight
    kept = trained.tf.net[0].weight
    assert len(steps) == STEPS
    assert not torch.allclose(kept, steps[-1], atol=1e-3), "the last step, not the average"
    torch.testing.assert_close(kept, average, rtol=1e-4, atol=1e-5)
    got = auroc(trained, toy_data, toy_split, "valid")
    assert got == pytest.approx(history[0]["valid"], abs=1e-6)


def test_the_last_checkpoint_is_of_the_last_finished_epoch(model, fit, tmp_path, monkeypatch):
    """Also where that epoch was not the best one."""
    figures = iter(np.linspace(0.9, 0.6, 50).tolist())
    monkeypatch.setattr(learning, "roc_auc_score", lambda label, logit: next(figures))
    interrupt_in(monkeypatch, 4)
    with pytest.raises(KeyboardInterrupt):
        fit(model(), tmp_path)
    folder = tmp_path / CHECKPOINTS
    loaded = {n: torch.load(folder / f"{n}.ckpt", weights_only=True) for n in ("best", "last")}
    assert {name: c["epoch"] for name, c in loaded.items()} == {"best": 0, "last": 3}
    assert len(loaded["last"]["history"]) == 4


def test_a_finished_run_is_left_as_it_is(model, fit, tmp_path, monkeypatch):
    figures = iter(np.linspace(0.9, 0.6, 50).tolist())
    monkeypatch.setattr(learning, "roc_auc_score", lambda label, logit: next(figures))

    def trained_on(self, batch, index):
        pytest.fail("it trained on")

    for name, changes in (("early", {"patience": 2}), ("full", {"max_epochs": 2})):
        trained, again = model(), model()
        history = fit(trained, tmp_path / name, **changes)
        assert len(history) == {"early": 3, "full": 2}[name]
        with monkeypatch.context() as patch:
            patch.setattr(PairTraining, "training_step", trained_on)
            assert fit(again, tmp_path / name, resume=True, **changes) == history
        assert same(trained, again)


def test_to_resume_nothing_is_to_begin(model, fit, tmp_path):
    one, other = model(), model()
    fit(one, tmp_path / "one", max_epochs=1)
    fit(other, tmp_path / "other", max_epochs=1, resume=True)
    assert same(one, other)


def test_ctrl_c_still_works_after_ctrl_c(model, fit, tmp_path, monkeypatch):
    handler = signal.getsignal(signal.SIGINT)
    interrupt_in(monkeypatch, 0)
    with pytest.raises(KeyboardInterrupt):
        fit(model(), tmp_path)
    assert signal.getsignal(signal.SIGINT) is handler
    assert not (tmp_path / CHECKPOINTS / "best.ckpt").exists()


@pytest.mark.parametrize(("max_steps", "epochs"), [(1, 1), (5, 1), (STEPS, 1), (STEPS + 4, 1)])
def test_a_smoke_run_ends_at_its_step_with_weights(model, fit, tmp_path, max_steps, epochs):
    trained = model()
    history = fit(trained, tmp_path, max_steps=max_steps)
    assert len(history) == epochs
    checkpoint = torch.load(tmp_path / CHECKPOINTS / "best.ckpt", weights_only=True)
    assert checkpoint["global_step"] == min(max_steps, STEPS)
    assert not same(trained, model())


def test_logits_that_are_no_numbers_are_told_with_the_learning_rate(
    model, fit, tmp_path, monkeypatch
):
    spoilt = model()
    spoilt.log_scale.data.fill_(float("nan"))
    with pytest.raises(Diverged, match=r"epoch 0 .*not finite.*Lower learning_rate, 0\.01"):
        fit(spoilt, tmp_path)
    assert issubclass(Diverged, ZooError)


def test_gradients_are_clipped_at_the_recipes_norm(model, fit, tmp_path, monkeypatch):
    norms = []

    def note(self, optimizer):
        grads = [p.grad for p in self.model.parameters() if p.grad is not None]
        norms.append(torch.linalg.vector_norm(torch.stack([g.norm() for g in grads])).item())

    monkeypatch.setattr(PairTraining, "on_before_optimizer_step", note)
    fit(model(), tmp_path / "free", max_steps=3, gradient_clip=1e9)
    free, norms[:] = list(norms), []
    monkeypatch.undo()
    clipped = []
    steps = torch.optim.AdamW.step

    def seen(self, closure=None):
        def watched():
            loss = closure()
            grads = [p.grad for g in self.param_groups for p in g["params"] if p.grad is not None]
            clipped.append(torch.linalg.vector_norm(torch.stack([g.norm() for g in grads])).item())
            return loss

        return steps(self, watched)

    monkeypatch.setattr(torch.optim.AdamW, "step", seen)
    fit(model(), tmp_path / "clipped", max_steps=3, gradient_clip=0.01)
    assert min(free) > 0.02
    assert len(clipped) == 3
    assert max(clipped) == pytest.approx(0.01, rel=1e-3)


def rates(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The learning rate of every epoch's first step, as it is trained."""
    seen: list[float] = []
    steps = PairTraining.training_step

    def noted(self, batch, index):
        if index == 0:
            seen.append(self.optimizers().param_groups[0]["lr"])
        return steps(self, batch, index)

    monkeypatch.setattr(PairTraining, "training_step", noted)
    return seen


def test_a_figure_that_does_not_rise_lowers_the_rate(model, fit, tmp_path, monkeypatch):
    epochs = (0.6, 0.7, 0.69, 0.6, 0.7, 0.65, 0.6)
    figures = iter([figure for figure in epochs for _ in MONITORED])
    monkeypatch.setattr(learning, "roc_auc_score", lambda label, logit: next(figures))
    seen = rates(monkeypatch)
    fit(model(), tmp_path, plateau_patience=1, plateau_factor=0.1, max_epochs=7)
    assert seen == pytest.approx([0.01] * 4 + [0.001] * 2 + [0.0001])


def test_a_rate_stays_without_a_plateau(model, fit, tmp_path, monkeypatch):
    monkeypatch.setattr(learning, "roc_auc_score", lambda label, logit: 0.5)
    seen = rates(monkeypatch)
    fit(model(), tmp_path, max_epochs=4)
    assert seen == [0.01] * 4


@pytest.mark.parametrize("epoch", [1, 2, 3, 4])
def test_a_resumed_run_lowers_its_rate_where_an_undisturbed_one_does(
    model, fit, tmp_path, monkeypatch, epoch
):
    changes = {"max_epochs": 6, "plateau_patience": 1, "plateau_factor": 0.1}
    falling = np.linspace(0.9, 0.6, 6)

    def figures(first: int = 0) -> None:
        each = iter(np.repeat(falling[first:], len(MONITORED)).tolist())
        monkeypatch.setattr(learning, "roc_auc_score", lambda label, logit: next(each))

    seen = rates(monkeypatch)
    figures()
    undisturbed = model()
    expected = fit(undisturbed, tmp_path / "one", **changes)
    whole, seen[:] = list(seen), []
    figures()
    with monkeypatch.context() as patch:
        interrupt_in(patch, epoch)
        with pytest.raises(KeyboardInterrupt):
            fit(model(), tmp_path / "two", **changes)
    figures(epoch)
    seen[:] = []
    fresh = model()
    assert fit(fresh, tmp_path / "two", resume=True, **changes) == expected
    assert seen == pytest.approx(whole[epoch:])
    assert len(set(whole)) == 3
    last = [
        torch.load(tmp_path / run / CHECKPOINTS / "last.ckpt", weights_only=True)["state_dict"]
        for run in ("one", "two")
    ]
    assert all(one.equal(other) for one, other in zip(*(d.values() for d in last), strict=True))


def test_what_is_watched_stands_in_the_history(model, fit, tmp_path, monkeypatch):
    monkeypatch.setattr(PairTraining, "watched", lambda self: {"norm": 2.0 + self.current_epoch})
    history = fit(model(), tmp_path, max_epochs=2)
    assert [row["norm"] for row in history] == [2.0, 3.0]
    assert "norm" in (tmp_path / "metrics.csv").read_text().partition("\n")[0]
