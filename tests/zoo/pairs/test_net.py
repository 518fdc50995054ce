"""Networks for decoupler: every edge once, signed where the sign is known."""

import numpy as np
import pytest

import zoo
from contracts.errors import InvalidOption, NothingLeft, Unsupported
from tests import tiny
from tests.tiny import GENES, LISTED, REGULATORS, G
from tests.zoo.commands import refused, run
from zoo.pairs import net

MUSEUM = "tests/fixtures/entries-1.0/degree-toy"


def test_the_listed_edges_have_weights_of_one(either):
    got = net.table(either)
    pairs = {(REGULATORS[tf], GENES[gene]) for tf, gene in zip(*np.nonzero(LISTED), strict=True)}
    assert list(got.columns) == ["source", "target", "weight"]
    assert set(zip(got["source"], got["target"], strict=True)) == pairs
    assert not got.duplicated(["source", "target"]).any()
    assert (got["weight"].abs() == 1).all()
    for row in got.itertuples():
        sign = int(tiny.SIGNS[REGULATORS.index(row.source), GENES.index(row.target)])
        if sign in (1, 2):
            assert row.weight == {1: 1, 2: -1}[sign]
        elif either.entry == tiny.DOT:  # it has no model of signs
            assert row.weight == 1


def test_predicted_edges_weigh_as_much_as_they_are_likely(either):
    got = net.table(either, top=3, min_score=0.4)
    predicted = got[got["weight"].abs() < 1]
    likely = tiny.probabilities(either.entry)
    for tf in REGULATORS:
        row = REGULATORS.index(tf)
        best = sorted((-likely[row, at], GENES[at]) for at in range(G) if not LISTED[row, at])[:3]
        expected = {gene: -value for value, gene in best if -value >= 0.4}
        of_it = predicted[predicted["source"] == tf].set_index("target")["weight"].abs()
        assert of_it.to_dict() == pytest.approx(expected)
    assert not got.duplicated(["source", "target"]).any()
    assert len(net.table(either, known=False, top=3, min_score=0.4)) == len(predicted)


def test_an_entry_that_lists_nothing_has_predictions():
    model = zoo.load(zoo.register(MUSEUM), device="cpu")
    with pytest.raises(Unsupported, match="--no-known"):
        net.table(model)
    assert len(net.table(model, known=False, top=2)) == 2 * len(model.vocabulary.regulators)


def test_what_cannot_be_asked_is_refused(dot):
    for options in ({"top": -1}, {"top": G + 1}, {"top": True}, {"min_score": 1.5}):
        with pytest.raises(InvalidOption, match=next(iter(options))):
            net.table(dot, **options)
    with pytest.raises(NothingLeft, match="larger --top"):
        net.table(dot, known=False)


@pytest.mark.usefixtures("only_tiny")
def test_the_command_writes_what_decoupler_reads(tmp_path):
    run("net", tiny.DOT, "-o", tmp_path / "net.tsv", "--top", 1)
    lines = (tmp_path / "net.tsv").read_text().splitlines()
    assert lines[0] == "source\ttarget\tweight"
    table = net.table(zoo.load(tiny.DOT, device="cpu"), top=1)
    assert len(lines) == 1 + len(table)
    assert len(run("net", tiny.DOT, "-o", "-", "--top", 1).stdout.splitlines()) == len(lines)
    assert "the extension" in refused("net", tiny.DOT, "-o", tmp_path / "net.docx")
