"""Stages follow one another: what is handed on, frozen, kept and gone on with."""

import json

import pytest
import torch
from torch import nn

from contracts.errors import InvalidOption
from tests.training.stages import toy
from tests.training.stages.toy import STAGES, STEPS, chosen, make, trained
from training.begin import UnfitOptions
from training.loop import MONITOR, Diverged, best
from training.recipe import InvalidRecipe
from training.stages import store


def same(one: nn.Module, other: nn.Module) -> bool:
    """Whether two models are equal to the last bit."""
    pairs = zip(one.state_dict().values(), other.state_dict().values(), strict=True)
    return all(torch.equal(a, b) for a, b in pairs)


def fresh() -> nn.Module:
    """The model as every stage makes it."""
    torch.manual_seed(1)
    return toy.Net()


def with_stage(number: int, **changes) -> list[dict]:
    stages = [dict(stage) for stage in STAGES]
    stages[number] |= changes
    return stages


def stop_in(monkeypatch, stage: str, epoch: int, step: int = 1) -> None:
    """A person presses Ctrl-C in the middle of an epoch of a stage."""
    steps = toy.Task.training_step

    def pressed(self, batch, index):
        if (self.stage.name, self.current_epoch, index) == (stage, epoch, step):
            raise KeyboardInterrupt
        return steps(self, batch, index)

    monkeypatch.setattr(toy.Task, "training_step", pressed)


def test_every_stage_learns_its_own_losses_and_tells_of_them(tmp_path):
    model, history = trained(tmp_path)
    assert [(row["stage"], row["epoch"]) for row in history] == [
        *(("rebuild", epoch) for epoch in range(3)), *(("regress", epoch) for epoch in range(4))
    ]  # fmt: skip
    first, last = history[:3], history[3:]
    assert all(set(row) == {"stage", "epoch", "rebuild", "sparse", "loss"} for row in first)
    assert first[-1]["loss"] < first[0]["loss"]
    for row in first:
        assert row["loss"] == pytest.approx(row["rebuild"] + 0.1 * row["sparse"], abs=1e-6)
    assert all(set(row) == {"stage", "epoch", "regress", "loss", "valid", MONITOR} for row in last)
    chosen = max(last, key=lambda row: row[MONITOR])
    assert best(history) == {name: value for name, value in chosen.items() if name != "stage"}
    for stage in ("rebuild", "regress"):
        assert (tmp_path / "checkpoints" / stage / "last.ckpt").is_file()
    assert not same(model, fresh())


def test_what_is_handed_on_is_taken_over_and_the_rest_made_anew(tmp_path):
    seen = {}

    def noting(stage, recipe):
        task, batches = make(stage, recipe)
        begin = task.on_fit_start

        def note():
            seen[stage.name] = {name: w.clone() for name, w in task.model.state_dict().items()}
            begin()

        task.on_fit_start = note
        return task, batches

    trained(tmp_path, make=noting)
    weights, _ = store.load(tmp_path, "rebuild")
    assert set(weights) == {"encoder.weight", "encoder.bias"}
    anew = fresh().state_dict()
    for name, weight in seen["regress"].items():
        assert torch.equal(weight, weights.get(name, anew[name])), name
    assert not torch.equal(weights["encoder.weight"], anew["encoder.weight"])
    torch.testing.assert_close(seen["rebuild"], anew, rtol=0, atol=0)


def test_where_nothing_is_said_all_is_handed_on(tmp_path):
    stages = with_stage(0)
    del stages[0]["hands_on"]
    stages[1]["fit"] = {"max_epochs": 0}
    model, history = trained(tmp_path, chosen(stages))
    weights, rows = store.load(tmp_path, "rebuild")
    torch.testing.assert_close(dict(model.state_dict()), weights, rtol=0, atol=0)
    assert history == rows
    assert best(history) is None


def test_a_stage_may_hand_on_nothing(tmp_path):
    stages = with_stage(0, hands_on=[])
    stages[1]["fit"] = {"max_epochs": 0}
    model, _ = trained(tmp_path, chosen(stages))
    assert store.load(tmp_path, "rebuild")[0] == {}
    assert same(model, fresh())


def test_what_is_frozen_does_not_move(tmp_path):
    stages = with_stage(1, freezes=["encoder.weight", "head"])
    model, _ = trained(tmp_path, chosen(stages))
    weights, _ = store.load(tmp_path, "rebuild")
    assert torch.equal(model.encoder.weight, weights["encoder.weight"])
    assert torch.equal(model.head.weight, fresh().head.weight)
    assert not torch.equal(model.encoder.bias, weights["encoder.bias"])
    free, _ = trained(tmp_path / "free")
    assert not torch.equal(free.encoder.weight, weights["encoder.weight"])


def test_weights_of_losses_move_from_the_first_epoch_to_the_last(tmp_path):
    both = {
        "name": "both", "losses": {"rebuild": 1.0, "regress": 0.0},
        "losses_end": {"rebuild": 0.0, "regress": 3.0},
    }  # fmt: skip
    _, history = trained(tmp_path, chosen([both]))
    assert "regress" not in history[0], "a loss without weight is not computed"
    assert history[0]["loss"] == pytest.approx(history[0]["rebuild"])
    expected = 2 / 3 * history[1]["rebuild"] + history[1]["regress"]
    assert history[1]["loss"] == pytest.approx(expected)
    assert "rebuild" not in history[3]
    assert history[3]["loss"] == pytest.approx(3 * history[3]["regress"], rel=1e-5)


@pytest.mark.parametrize("changes", [{}, {"ema_decay": 0.8}])
@pytest.mark.parametrize(
    ("stage", "epoch"), [("rebuild", 0), ("rebuild", 2), ("regress", 0), ("regress", 2)]
)
def test_an_interrupted_run_goes_on_as_if_undisturbed(tmp_path, monkeypatch, stage, epoch, changes):
    wanted = chosen(**changes)
    undisturbed, expected = trained(tmp_path / "one", wanted)
    begun = (stage, epoch) != ("rebuild", 0)
    with monkeypatch.context() as patch:
        stop_in(patch, stage, epoch)
        with pytest.raises(KeyboardInterrupt):
            trained(tmp_path / "two", wanted)
    torch.manual_seed(123)
    if not begun:
        with pytest.raises(UnfitOptions, match="no checkpoint to go on from"):
            trained(tmp_path / "two", wanted, resume=True)
    model, history = trained(tmp_path / "two", wanted, resume=begun)
    assert history == expected
    assert same(model, undisturbed)


def test_a_finished_run_is_left_as_it_is(tmp_path, monkeypatch):
    model, history = trained(tmp_path)

    def trained_on(self, batch, index):
        pytest.fail("it trained on")

    monkeypatch.setattr(toy.Task, "training_step", trained_on)
    again, rows = trained(tmp_path, resume=True)
    assert rows == history
    assert same(again, model)


def test_a_run_begins_at_a_stage_from_what_is_kept(tmp_path, monkeypatch):
    model, history = trained(tmp_path)
    before = store.path(tmp_path, "rebuild").read_bytes()
    again, rows = trained(tmp_path, from_stage="regress")
    assert (same(again, model), rows) == (True, history)
    other = with_stage(1, fit={"learning_rate": 0.001})
    slow, rows = trained(tmp_path, chosen(other), from_stage="regress")
    whole, expected = trained(tmp_path / "whole", chosen(other))
    assert (same(slow, whole), rows) == (True, expected)
    assert not same(slow, model)
    assert store.path(tmp_path, "rebuild").read_bytes() == before
    with monkeypatch.context() as patch:
        stop_in(patch, "regress", 0)
        with pytest.raises(KeyboardInterrupt):
            trained(tmp_path, from_stage="regress")
    assert not store.path(tmp_path, "regress").exists()
    resumed, rows = trained(tmp_path, resume=True)
    assert (same(resumed, model), rows) == (True, history)


def test_to_begin_at_the_first_stage_is_to_begin(tmp_path):
    model, history = trained(tmp_path)
    again, rows = trained(tmp_path, from_stage="rebuild")
    assert (same(again, model), rows) == (True, history)


def test_what_is_kept_may_be_copied_to_another_folder(tmp_path):
    trained(tmp_path / "base")
    wanted = chosen(with_stage(1, freezes=["encoder"]))
    (tmp_path / "variant").mkdir()
    name = store.path(tmp_path, "rebuild").name
    (tmp_path / "variant" / name).write_bytes((tmp_path / "base" / name).read_bytes())
    model, _ = trained(tmp_path / "variant", wanted, from_stage="regress")
    assert same(model, trained(tmp_path / "whole", wanted)[0])


def test_a_stage_that_there_is_none_of_is_told(tmp_path):
    trained(tmp_path)
    with pytest.raises(InvalidOption, match=r"--from-stage='regres'.*rebuild, regress"):
        trained(tmp_path, from_stage="regres")
    with pytest.raises(InvalidOption, match="the recipe has none"):
        trained(tmp_path, chosen([]), from_stage="regress")
    assert store.path(tmp_path, "rebuild").is_file()


def test_weights_that_are_not_kept_are_told(tmp_path):
    with pytest.raises(UnfitOptions, match=r"holds no weights of the stage rebuild\. Leave --from"):
        trained(tmp_path, from_stage="regress")


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"wanted": chosen(with_stage(0, losses={"rebuild": 2.0}))}, "recipe"),
        ({"wanted": chosen(gradient_clip=1.0)}, "recipe"),
        ({"seed": 2}, "seed"),
        ({"max_steps": 2}, "max_steps"),
    ],
)
def test_weights_of_another_training_are_refused_and_left(tmp_path, changes, named):
    trained(tmp_path)
    with pytest.raises(UnfitOptions, match=f"rebuild in .* was trained with another {named}"):
        trained(tmp_path, from_stage="regress", **changes)
    assert (tmp_path / "checkpoints" / "regress" / "last.ckpt").is_file()
    assert store.path(tmp_path, "regress").is_file()


def test_what_no_training_reads_may_change(tmp_path):
    trained(tmp_path)
    wanted = chosen().model_copy(update={"summary": "Another.", "version": "0.2"})
    trained(tmp_path, wanted, from_stage="regress")


def test_resume_and_from_stage_exclude_each_other(tmp_path):
    with pytest.raises(UnfitOptions, match="--resume goes on and --from-stage begins"):
        trained(tmp_path, from_stage="regress", resume=True)


def test_a_new_run_takes_away_the_stages_of_a_former(tmp_path, monkeypatch):
    trained(tmp_path)
    stop_in(monkeypatch, "rebuild", 0)
    with pytest.raises(KeyboardInterrupt):
        trained(tmp_path)
    assert not list(tmp_path.glob("stage-*"))
    assert not (tmp_path / "checkpoints" / "regress").exists()


def test_a_smoke_run_cuts_every_stage(tmp_path):
    for steps in (1, STEPS):
        folder = tmp_path / str(steps)
        _, history = trained(folder, max_steps=steps)
        assert [row["stage"] for row in history] == ["rebuild", "regress"]
        for stage in ("rebuild", "regress"):
            path = folder / "checkpoints" / stage / "last.ckpt"
            assert torch.load(path, weights_only=True)["global_step"] == steps


@pytest.mark.parametrize(
    ("number", "changes", "told"),
    [
        (1, {"losses": {"regres": 1.0}}, "regress of the recipe has 'regres' in losses.*rebuild"),
        (1, {"freezes": ["encode"]}, "'encode' in freezes.*encoder, decoder, head"),
        (1, {"freezes": ["offset"]}, "'offset' in freezes"),
        (1, {"hands_on": ["encoder.wait"]}, r"'encoder\.wait' in hands_on.*offset"),
    ],
)
def test_what_an_architecture_has_not_is_told_before_any_work(
    tmp_path, monkeypatch, number, changes, told
):
    monkeypatch.setattr(toy.Task, "training_step", None)
    with pytest.raises(InvalidRecipe, match=told):
        trained(tmp_path, chosen(with_stage(number, **changes)))


def test_losses_that_are_no_numbers_are_told_with_the_learning_rate(tmp_path, monkeypatch):
    terms = toy.Task.terms
    monkeypatch.setattr(
        toy.Task, "terms", lambda *a: {n: x * torch.nan for n, x in terms(*a).items()}
    )
    with pytest.raises(Diverged, match=r"epoch 0 of rebuild .* 0\.05 in the recipe"):
        trained(tmp_path)


def test_the_history_is_plain_json(tmp_path):
    _, history = trained(tmp_path)
    assert json.loads(json.dumps(history)) == history
