"""The benchmarks' page, what they share, and that they compare the same; not what they measure."""

import time
from pathlib import Path

import evaluate_predictions
import measure
import naive_heads
import numpy as np
import page
import pytest
import screening
import torch
import training_step

import training.data
from export.sets import random_sets
from tests import tiny_cells
from tests.training.perturbations import planted
from training.perturbations import fits
from zoo.architectures import cls_transformer
from zoo.perturbations.scorer import PerturbationScorer
from zoo.store import folders


def test_the_committed_page_is_what_its_results_say():
    assert page.render() == page.PAGE.read_text()
    for name in page.SECTIONS:
        assert (page.RESULTS / f"{name}.json").is_file(), f"{name} was never measured"


def test_engines_take_turns_and_each_counts_its_own():
    turns: list[str] = []

    def slow() -> None:
        turns.append("slow")
        time.sleep(0.02)

    spent = measure.alternate({"slow": slow, "fast": lambda: turns.append("fast")}, 0.01)
    assert turns == ["slow", "fast"] * 4
    assert spent["slow"] > spent["fast"]


def test_a_child_reports_its_peak_memory():
    small, large = (
        measure.child(
            f"block = bytearray({size})\nblock[::4096] = b'x' * len(block[::4096])\nprint('{{}}')"
        )
        for size in (1, 200_000_000)
    )
    assert large["peak_megabytes"] - small["peak_megabytes"] > 150


def test_naive_heads_give_what_the_head_gives():
    genes = 12
    features = ("single_fitness", "single_fitness_known")
    config = cls_transformer.Config(
        genes_total=genes,
        features=features,
        sources=("one", "two"),
        epsilon_source="one",
        tau_source="two",
        dim=8,
        key_dim=3,
        value_dim=5,
        change_dim=6,
        heads=2,
        hidden=16,
    )
    torch.manual_seed(0)
    model = cls_transformer.Model(config).eval()
    sizes = {"genes_total": genes, "members_limit": 9, "tokens_total": genes + 1}
    sizes |= {"dim": 8, "key_dim": 3, "value_dim": 5, "features": len(features)}
    asked = random_sets(np.random.default_rng(0), 20, sizes)
    with torch.no_grad():
        state, _ = model.encode(torch.arange(genes), torch.randn(genes, 2))
        sets = [torch.from_numpy(asked[name]) for name in ("member", "kind", "set", "order")]
        truth = model.graphs()["head"](*sets, *state)[0].numpy()
    names = ("hidden", "key", "value", "single_fitness", "cell")
    carried = dict(zip(names, (part.numpy() for part in state), strict=True))
    found = naive_heads.sessions(model, sizes, 1)
    assert len(found) == 3
    assert np.ptp(truth) > 0.01
    for session in found.values():
        given = session.run(asked | carried)["gene_interaction"]
        np.testing.assert_allclose(given, truth, atol=1e-6)


@pytest.fixture
def screened(tiny_root: Path):
    """The screening benchmark, and a tiny entry with 66 pairs that it may screen."""
    folders.register(tiny_root / tiny_cells.PRODUCT)
    return screening


def test_a_screen_is_held_against_predict(screened):
    row = screened.measured(tiny_cells.PRODUCT, 1, 0)
    assert row["sets"] == row["sample"] == row["listed"] == 66
    assert row["apart"] == row["listed_apart"] == row["outranking"] == 0


def test_another_score_and_a_pair_left_out_are_seen(screened, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(screened, "TOP", 10)
    screen, predict = PerturbationScorer.screen, PerturbationScorer.predict
    monkeypatch.setattr(PerturbationScorer, "predict", lambda *a: predict(*a) * 2)
    assert screened.measured(tiny_cells.PRODUCT, 1, 0)["apart"] > 0.1
    monkeypatch.setattr(PerturbationScorer, "predict", predict)
    monkeypatch.setattr(PerturbationScorer, "screen", lambda *a, **k: screen(*a, **k)[1:])
    assert screened.measured(tiny_cells.PRODUCT, 1, 0)["outranking"] == 1


def test_predictions_of_every_kind_of_file_are_scored():
    found = evaluate_predictions.measured(12, 40)
    assert (found["perturbations"], found["genes"], found["cells"]) == (12, 40, 740)
    assert [row["what"] for row in found["rows"]] == list(evaluate_predictions.ENDINGS)
    assert all(row["bytes"] and row["seconds"] and row["peak_bytes"] for row in found["rows"])


@pytest.fixture
def step(monkeypatch: pytest.MonkeyPatch):
    """The benchmark of a training step, its training over planted data and without chance."""
    benchmark = training_step
    monkeypatch.setattr(training.data, "load", lambda _: planted.data())
    monkeypatch.setattr(fits, "make_split", lambda *_: planted.split())
    job, learner = benchmark.prepared(benchmark.ENTRY)
    learner.numbers = learner.numbers.model_copy(update={"hidden_fitness": 0.0})
    return benchmark, job, learner.eval()


def test_a_held_cell_leaves_the_loss_and_the_heads_gradient(step):
    benchmark, job, learner = step
    one = benchmark.Steps(job, learner, 40)
    assert len(one.batch.source) == 40
    terms = learner.losses(one.batch, one.rng)
    rest = torch.stack([value for name, value in terms.items() if name != "graph"]).sum()
    torch.testing.assert_close(benchmark.total(one.held, one.batch, one.rng), rest)
    one.head()
    assert learner.model.head.query.weight.grad.abs().max() > 0
    assert all(part.grad is None for part in learner.model.encoder.parameters())
    one.encoder()
    assert learner.model.encoder.cls.grad.abs().max() > 0


def test_every_part_of_a_step_is_timed_at_every_size(step, monkeypatch: pytest.MonkeyPatch):
    benchmark, job, learner = step
    monkeypatch.setattr(benchmark, "SETS", (8, 40))
    rows = benchmark.measured(job, learner, 1, 0.0)
    assert [row["sets"] for row in rows] == [8, 40]
    assert all(row[part] > 0 for row in rows for part in benchmark.PARTS)


def test_without_training_data_a_step_is_not_measured(monkeypatch, capsys):
    monkeypatch.delenv("ZOO_DATA", raising=False)
    monkeypatch.setattr("sys.argv", ["training_step.py"])
    training_step.main()
    assert "ZOO_DATA is not set" in capsys.readouterr().out


def test_the_page_says_what_grows_with_the_sets():
    times = ((64, 0.2, 0.01), (512, 0.25, 0.05), (4096, 0.5, 0.32))
    fixed = {"genes": 50, "drawing": 0.01, "encoder": 0.1}
    rows = [
        {"threads": threads, "sets": sets, "step": step, "head": head, **fixed}
        for threads in (1, 2)
        for sets, step, head in times
    ]
    told = page.macro("training_step", {"entry": "cls_transformer-toy", "rows": rows})
    assert "64 sets to 4,096 on 2 threads: the step grows by 300 ms, the head by 310 ms." in told
