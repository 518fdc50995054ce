"""What resources list of each pair, as the tiny entries have it; a damaged list is refused."""

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

import zoo
from contracts.errors import CorruptArtefact, Unsupported
from tests import tiny
from tests.tiny import GENES, REGULATORS, G, R
from zoo.pairs import evidence, known
from zoo.pairs.scorer import PairScorer
from zoo.store import folders

ALL = [(tf, gene) for tf in REGULATORS for gene in GENES]
MUSEUM = "tests/fixtures/entries-1.0/degree-toy"


def test_every_pair_says_who_lists_it(either: PairScorer):
    table = either.details(ALL)
    at = [(tf, gene) for tf in range(R) for gene in range(G)]
    assert table["known"].tolist() == [tiny.listed_by(*pair) for pair in at]
    assert table["references"].tolist() == tiny.REFERENCES.ravel().tolist()
    assert table["tf_edges"].tolist() == [int(tiny.TF_EDGES[tf]) for tf, _ in at]
    assert table["gene_edges"].tolist() == [int(tiny.GENE_EDGES[gene]) for _, gene in at]
    assert {"DoRothEA", "DoRothEA, TRRUST, CollecTRI", ""} <= set(table["known"])


def test_the_list_is_read_when_it_is_asked_for(either: PairScorer, monkeypatch):
    read = []
    monkeypatch.setattr(evidence.Known, "read", lambda *given: read.append(given))
    either.score(ALL)
    either.score_matrix()
    either.details(ALL, columns=["score", "support"])
    assert read == []
    assert either.evidence.known is None
    assert len(read) == 1


def test_an_older_entry_has_no_such_columns():
    model = zoo.load(zoo.register(MUSEUM), device="cpu")
    pair = [(model.vocabulary.regulators[0], model.vocabulary.genes[0])]
    missing = {"known", "references", "verdict", "uncertainty", "activates"}
    assert not missing & set(model.details(pair).columns)
    assert not missing & set(model.regulators([pair[0][1]], 2).columns)
    for option in ("exclude", "only"):
        with pytest.raises(Unsupported, match=rf"degree-toy does not offer known='{option}'.*excl"):
            model.regulators([pair[0][1]], 2, known=option)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"pair": np.array([3, 2], np.int32)}, "sorted pairs of 6 x 12"),
        ({"pair": np.array([2, 2], np.int32)}, "sorted pairs"),
        ({"pair": np.array([2, R * G], np.int32)}, "sorted pairs"),
        ({"pair": np.array([-1, 2], np.int32)}, "sorted pairs"),
        ({"references": np.array([1], np.uint16)}, "references, one value for each pair"),
        ({"sign": np.array([1], np.uint8)}, "sign, one value for each pair"),
        ({"resources": np.array([1, 8], np.uint8)}, "bits of 3 resources"),
    ],
)
def test_a_list_of_another_kind_is_refused(copied, changes, expected):
    folder = copied()
    good = {
        "pair": np.array([2, 3], np.int32),
        "resources": np.array([1, 7], np.uint8),
        "references": np.array([1, 0], np.uint16),
        "sign": np.array([0, 1], np.uint8),
    }
    save_file(good | changes, folder / known.FILE, {"resources": "A,B,C"})
    folders.record(folder, known.FILE)
    model = zoo.load(zoo.register(folder), device="cpu")
    with pytest.raises(CorruptArtefact, match=expected):
        model.details(ALL[:1])
    failed = zoo.verify(tiny.TABLE).failures
    assert [check.name for check in failed] == ["known pairs"]
    assert expected in failed[0].detail


def test_verify_counts_the_listed_pairs(tiny_root):
    zoo.register(tiny_root / tiny.DOT)
    (check,) = (one for one in zoo.verify(tiny.DOT).checks if one.name == "known pairs")
    assert check.detail == f"{len(load_file(tiny_root / tiny.DOT / known.FILE)['pair'])} pairs"
