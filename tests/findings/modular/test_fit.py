import numpy as np
import pytest
import torch
from sklearn.metrics import roc_auc_score
from torch import nn

from tests.findings.modular import toy
from tests.findings.modular.toy import study

STUDY = study.cells.STUDY
Run = study.fit.Run
Settings = study.fit.Settings
fit = study.fit.fit
saturated = study.scores.saturated
Failures = study.gradients.Failures
ARCHITECTURES = study.models.ARCHITECTURES
Benchmark = study.pairs.Benchmark
benchmark = study.pairs.benchmark

PRIOR, SOUND = toy.prior(), Failures()
PARTS = benchmark(PRIOR)
QUICK = Settings(
    width=16, batch=32, learning_rate=0.01, epochs=8, look_every=1, first_look=1, patience=9
)


def run(name: str = "two_tower", failures: Failures = SOUND, **settings) -> Run:
    return Run(name, PRIOR, 42, failures, QUICK.model_copy(update=settings))


@pytest.mark.parametrize("name", ARCHITECTURES)
@pytest.mark.parametrize("tight", [False, True])
def test_a_step_is_ordinary_adam_with_clipping(name: str, tight: bool):
    ours = run(name, Failures(tight_clip=tight))
    truth = ARCHITECTURES[name](len(PRIOR.tfs), len(PRIOR.genes), Failures(), 16)
    truth.load_state_dict(ours.model.state_dict())
    adam = torch.optim.Adam(truth.parameters(), lr=0.01)
    for batch in range(6):
        rows = slice(32 * batch, 32 * batch + 32)
        tf, gene = toy.index(PARTS.train.pairs[rows])
        label = torch.from_numpy(PARTS.train.label[rows])
        _, norm, right = ours.step(tf, gene, label)
        logit = truth(tf, gene)
        adam.zero_grad()
        nn.functional.binary_cross_entropy_with_logits(logit, label.float()).backward()
        expected = nn.utils.clip_grad_norm_(truth.parameters(), 1.0 if tight else 5.0)
        adam.step()
        assert norm == pytest.approx(float(expected), rel=1e-3)
        assert right == int(((logit >= 0) == label).sum())
    for mine, theirs in zip(ours.model.parameters(), truth.parameters(), strict=True):
        torch.testing.assert_close(mine, theirs, atol=1e-4, rtol=1e-3)


def test_one_run_gives_the_last_and_the_best_epoch():
    network = run()
    seen: list[tuple[float, np.ndarray]] = []

    def note(record: dict[str, int | float]) -> None:
        logit = network.logits(PARTS.valid)
        assert record["valid_auroc"] == pytest.approx(roc_auc_score(PARTS.valid.label, logit))
        seen.append((record["valid_auroc"], network.logits(PARTS.test)))

    trained = fit(network, PARTS, note)
    best = int(np.argmax([value for value, _ in seen]))
    assert trained.record["best_epoch"] == best + 1
    assert np.array_equal(trained.logits["restored"], seen[best][1])
    assert np.array_equal(trained.logits["last"], seen[-1][1])
    assert len(trained.record["history"]) == 8
    assert trained.record["parameters"] == sum(w.numel() for w in network.model.parameters())


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_there_is_something_to_learn(name: str):
    trained = fit(run(name), PARTS)
    assert roc_auc_score(PARTS.test.label, trained.logits["restored"]) > 0.8
    assert trained.record["history"][-1]["train_accuracy"] > 0.75


def test_a_seed_repeats_itself():
    one, other = (fit(run(epochs=2), PARTS) for _ in range(2))
    assert np.array_equal(one.logits["last"], other.logits["last"])
    assert one.record["history"] == other.record["history"]


def test_looks_without_gain_end_a_run():
    still = fit(run(learning_rate=0.0, patience=3), PARTS)
    assert len(still.record["history"]) == 4
    assert np.array_equal(still.logits["last"], still.logits["restored"])


def test_a_run_without_gradients_is_frozen():
    network = run(failures=Failures(double_sigmoid=True))
    with torch.no_grad():
        network.model.tf.out.bias.fill_(1e4)
        network.model.gene.out.bias.fill_(1e4)
    trained = fit(network, PARTS)
    assert trained.record["frozen_epoch"] == 1
    assert len(trained.record["history"]) == 1
    assert saturated(trained.logits["last"]) == 1


def test_the_study_looks_at_its_own_epochs():
    looks = {n: [e for e in range(1, 61) if s.looks(e)] for n, s in STUDY.items()}
    assert looks["two_tower"] == [10, 20, 30, 40, 50, 60]
    assert looks["cross_encoder"] == [*range(1, 60, 5), 60]
    assert len(looks["two_tower"]) < STUDY["two_tower"].patience


def test_every_pair_is_trained_on_once_an_epoch():
    network, rows = run(), []
    network.step = lambda tf, gene, label: (  # type: ignore[method-assign]
        rows.extend(zip(tf.tolist(), gene.tolist(), label.tolist(), strict=True)) or (0.0, 0.0, 0)
    )
    network.epoch(1, PARTS.train)
    expected = [(t, g, y) for (t, g), y in zip(PARTS.train.pairs, PARTS.train.label, strict=True)]
    assert sorted(rows) == sorted((int(t), int(g), bool(y)) for t, g, y in expected)


def test_saturated_counts_exact_zeros_and_ones():
    logit = np.array([-100, -20, 0, 10, 40], np.float32)
    assert saturated(logit) == pytest.approx(0.4)


def test_parts_may_be_small():
    small = Benchmark(PARTS.train[:40], PARTS.valid, PARTS.test, 0)
    assert len(fit(run(epochs=1), small).record["history"]) == 1
