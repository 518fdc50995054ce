import numpy as np

from contracts.genes.vocabulary import Skipped
from contracts.perturbations.requests import PredictedPerturbation
from tests.tiny_cells import GENES
from zoo.perturbations.composition import Composed
from zoo.perturbations.predictions import Predicted
from zoo.sets.members import Sets

NAMES = tuple(f"name of {gene}" for gene in GENES)
PREDICTED = Predicted(
    symbols=GENES,
    names=NAMES,
    sets=Sets(np.array([0, 4 * 9 + 3, 4 * 2]), np.array([2, 0, 1])),
    composed=Composed(
        fitness=np.array([0.5, 1, -0.25]),
        gene_interaction=np.array([-0.25, 0, 0]),
        expectation=np.array([0.75, 1, 0.25]),
    ),
    basis=["partly_measured", "measured", "estimated"],
    support=["some_seen", "all_seen", "unseen"],
    kept=np.array([0, 1, 3]),
    skipped=(Skipped(2, "QQQQ", "unknown-gene"),),
)


def test_columns_name_the_members_and_what_is_done_to_them():
    columns = PREDICTED.columns()
    assert list(columns) == [
        *("perturbation", "names", "fitness", "gene_interaction", "expectation"),
        *("expectation_basis", "support"),
    ]
    called = ["name of YAL002W|name of YOR128C:overexpressed", "", "name of YDL227C"]
    assert columns["names"] == called
    assert columns["expectation_basis"] == ["partly_measured", "measured", "estimated"]
    assert columns["perturbation"] == ["YAL002W|YOR128C:overexpressed", "", "YDL227C"]
    for name in ("fitness", "gene_interaction", "expectation"):
        assert columns[name].dtype == np.float32
        assert columns[name].tolist() == getattr(PREDICTED.composed, name).tolist()


def test_records_are_those_of_the_answer():
    first, second, third = [PredictedPerturbation(**row) for row in PREDICTED.records()]
    assert [(one.gene, one.name, one.kind) for one in first.genes] == [
        ("YAL002W", "name of YAL002W", "absent"),
        ("YOR128C", "name of YOR128C", "overexpressed"),
    ]
    assert first.expectation_basis == "partly_measured"
    assert (first.fitness, first.gene_interaction, first.expectation) == (0.5, -0.25, 0.75)
    assert (second.genes, second.support) == ([], "all_seen")
    assert (third.fitness, third.support) == (-0.25, "unseen")
