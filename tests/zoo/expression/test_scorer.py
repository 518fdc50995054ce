"""Changes of expression against arithmetic, and what is wrong with sets and options."""

import numpy as np
import pandas as pd
import pytest

from contracts.errors import (
    ContractViolation,
    EmptyInput,
    InvalidInput,
    InvalidOption,
    NotInVocabulary,
    UnknownGene,
    Unsupported,
    UnsupportedKind,
)
from tests import tiny_expression as toy
from zoo.expression import scorer

SETS = [["KLF1"], ["MEK3", "KLF1"], [], ["MAPK1"], {"TGFBR2", "KLF1", "MAPK1"}, ["MAP2K6", "KLF1"]]
TEXTS = ["KLF1", "KLF1+MAP2K3", "wildtype", "MAPK1", "KLF1+MAPK1+TGFBR2", "KLF1+MAP2K6"]
POSITIONS = [(0,), (0, 1), (), (3,), (0, 3, 4), (0, 2)]
SUPPORT = ["measured", "all_seen", "all_seen", "unseen", "some_seen", "measured"]
COLUMNS = ["perturbation", "gene", "change", "low", "high", "measured", "support"]


def test_what_the_entry_is(model):
    assert (model.kind, model.unit, model.members_limit) == (toy.KIND, toy.UNIT, toy.LIMIT)
    assert model.vocabulary.genes == toy.GENES
    assert model.readouts.genes == toy.GENES_READ
    assert "5 genes to perturb, 8 genes whose change is predicted" in repr(model)


def test_all_readouts_of_every_set_in_order(model):
    table = model.predict_expression(SETS)
    assert list(table.columns) == COLUMNS
    assert table["perturbation"].tolist() == np.repeat(TEXTS, toy.R).tolist()
    assert table["gene"].tolist() == list(toy.GENES_READ) * len(SETS)
    assert table["support"].tolist() == np.repeat(SUPPORT, toy.R).tolist()
    change, deviation = toy.change(POSITIONS), toy.deviation(POSITIONS)
    np.testing.assert_array_equal(table["change"], change.ravel())
    low = np.maximum(change - 1.96 * deviation, -toy.CONTROL)
    np.testing.assert_allclose(table["low"], low.ravel(), rtol=1e-6)
    np.testing.assert_allclose(table["high"], (change + 1.96 * deviation).ravel(), rtol=1e-6)


def test_the_measured_change_is_that_of_the_very_set(model):
    measured = model.predict_expression(SETS)["measured"].to_numpy().reshape(-1, toy.R)
    for positions, row in zip(POSITIONS, measured, strict=True):
        expected = toy.MEASURED.get(positions, np.full(toy.R, np.nan, np.float32))
        np.testing.assert_array_equal(row, expected)


@pytest.mark.parametrize("top", [1, 3, 8, 100])
def test_the_genes_that_change_most_go_first(model, top: int):
    whole, listed = toy.change(POSITIONS), min(top, toy.R)
    table = model.predict_expression(SETS, top=top)
    assert len(table) == len(SETS) * listed
    for number, row in enumerate(whole):
        part = table.iloc[number * listed : (number + 1) * listed]
        order = sorted(range(toy.R), key=lambda gene: (-abs(row[gene]), gene))[:listed]
        assert part["gene"].tolist() == [toy.GENES_READ[gene] for gene in order]
        np.testing.assert_array_equal(part["change"], row[order])


def test_a_matrix_of_changes_in_blocks_of_any_size(model, monkeypatch: pytest.MonkeyPatch):
    expected = toy.change(POSITIONS)
    matrix = model.expression_matrix(SETS)
    assert matrix.dtype == np.float32
    np.testing.assert_array_equal(matrix, expected)
    done: list[int] = []
    monkeypatch.setattr(scorer, "BLOCK", 2 * toy.R)
    np.testing.assert_array_equal(model.answer(SETS, progress=done.append).change, expected)
    assert done == [2, 2, 2]


def test_one_set_with_directions(model):
    table = model.changed(["KLF1", "MEK3"], top=4)
    assert list(table.columns) == [
        *("rank", "gene", "direction", "change", "low", "high", "measured", "support")
    ]
    assert table["rank"].tolist() == [1, 2, 3, 4]
    assert table["direction"].tolist() == np.where(table["change"] > 0, "up", "down").tolist()
    assert model.changed([]).empty
    assert len(model.changed("wildtype")) == 0
    assert (model.changed(["KLF1"])["change"] != 0).all()


def test_sets_as_an_anndata(model):
    adata = model.to_anndata(SETS)
    assert adata.obs["perturbation"].tolist() == TEXTS
    assert adata.obs["support"].tolist() == SUPPORT
    assert adata.var_names.tolist() == list(toy.GENES_READ)
    assert adata.uns["unit"] == toy.UNIT
    assert adata.uns["kind"] == toy.KIND
    np.testing.assert_array_equal(adata.X, toy.change(POSITIONS))
    np.testing.assert_array_equal(adata.var["control"], toy.CONTROL)
    np.testing.assert_array_equal(adata.layers["expression"], adata.X + toy.CONTROL)
    assert (adata.layers["low"] + toy.CONTROL >= 0).all()
    assert (adata.layers["low"] <= adata.X).all()
    assert (adata.layers["high"] >= adata.X).all()


def test_a_table_of_texts_is_read_as_the_command_line_reads_it(model):
    frame = pd.DataFrame({"perturbation": ["klf1", "KLF1+MEK3:overexpressed", "wildtype"]})
    expected = model.predict_expression(SETS[:3])
    pd.testing.assert_frame_equal(model.predict_expression(frame), expected)


def test_sets_that_cannot_be_used_are_left_out_when_asked(model):
    with pytest.warns(UserWarning, match=r"2 of 3 sets were left out, the first in row 0: 'KLF5'"):
        table = model.predict_expression([["KLF5"], ["KLF1"], ["KLF1", "KLF1"]], on_unknown="skip")
    assert table["perturbation"].unique().tolist() == ["KLF1"]
    with pytest.warns(UserWarning, match="left out"):
        assert model.predict_expression([["KLF5"]], on_unknown="skip").empty


@pytest.mark.parametrize(
    ("sets", "error", "message"),
    [
        (
            [["KLF5"]],
            NotInVocabulary,
            "does not know it.*It knows KLF1, MAP2K3, MAP2K6, MAPK1, TGFBR2.",
        ),
        ([["MAP2K33"]], UnknownGene, "MAP2K3"),
        ([["KLF1", "KLF1"]], ContractViolation, "KLF1 twice"),
        ([["MEK3", "PRKMK3"]], ContractViolation, "MAP2K3 twice, as 'MEK3' and 'PRKMK3'"),
        ([list(toy.GENES)], ContractViolation, "5 genes, expected at most 3"),
        ([{"KLF1": "deleted"}], UnsupportedKind, "these kinds: overexpressed. Type the gene with"),
        ([{"KLF1": "present"}], UnsupportedKind, "overexpressed"),
        ([{"KLF1": "gone"}], InvalidOption, "kind='gone'"),
        (["KLF1"], ContractViolation, "expected a set of genes"),
        ("KLF1", ContractViolation, "expected a list of sets"),
        ([], EmptyInput, "perturbations is empty"),
        ([["KLF1", None]], ContractViolation, "got None"),
    ],
)
def test_what_is_wrong_with_sets_is_said(model, sets, error: type[InvalidInput], message: str):
    with pytest.raises(error, match=message):
        model.predict_expression(sets)


@pytest.mark.parametrize("top", [0, -1, 2.0, True, "3"])
def test_top_is_a_number_of_genes(model, top: object):
    with pytest.raises(InvalidOption, match=r"top=.* expected a whole number of at least 1"):
        model.predict_expression(SETS, top=top)
    with pytest.raises(InvalidOption, match="top="):
        model.changed(["KLF1"], top=top)


def test_a_method_of_another_family_says_what_to_use(model):
    with pytest.raises(Unsupported, match=r"It predicts expression: type .predict_expression"):
        model.score([("KLF1", "ACTB")])
    assert not hasattr(model, "predict")
