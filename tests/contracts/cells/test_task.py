import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts import strategies
from contracts.cells.species import SPECIES
from contracts.cells.task import CELL_EMBED
from contracts.errors import ContractViolation

SIZES = {"human_genes": 4, "mouse_genes": 3, "macrogenes": 2, "dim": 2}
HUMAN = CELL_EMBED.graphs["human"]


def asked(**changes):
    """Two cells of four genes, perhaps with other arrays."""
    arrays = {
        "counts": [[1, 0, 2, 5], [0, 0, 0, 1]],
        "mean": [0.1, 0, 2, 1],
        "deviation": [1, 1, 0.5, 2],
    }
    return {name: np.array(one, np.float32) for name, one in (arrays | changes).items()}


def test_a_graph_a_species_that_carries_its_own_weights():
    assert tuple(CELL_EMBED.graphs) == SPECIES
    for species, contract in CELL_EMBED.graphs.items():
        genes = f"{species}_genes"
        assert {t.name: tuple(a.name for a in t.axes) for t in contract.inputs} == {
            "counts": ("cells", genes),
            "mean": (genes,),
            "deviation": (genes,),
            f"{species}_weight": (genes, "macrogenes"),
        }
        assert [one.name for one in contract.carried] == [f"{species}_weight"]
        assert contract.fixed_sizes == {genes, "macrogenes", "dim"}


def test_a_cell_without_counts_is_refused():
    HUMAN.requested.check_inputs(asked(), SIZES)
    with pytest.raises(ContractViolation, match="cells_have_counts: got 0 counts in cell 1"):
        HUMAN.requested.check_inputs(asked(counts=[[1, 0, 2, 5], [0, 0, 0, 0]]), SIZES)


def test_a_deviation_of_nothing_is_refused():
    with pytest.raises(ContractViolation, match=r"deviation: got 0\.0 at \[1\]"):
        HUMAN.requested.check_inputs(asked(deviation=[1, 0, 1, 1]), SIZES)


def test_a_vector_of_another_length_is_refused():
    vectors = np.array([[0.6, 0.8], [1, 0.1]], np.float32)
    HUMAN.check_outputs({"vector": vectors[:1]}, sizes=SIZES)
    with pytest.raises(ContractViolation, match=r"unit_length: got length 1\.00499 of cell 1"):
        HUMAN.check_outputs({"vector": vectors}, sizes=SIZES)


@given(st.data())
def test_drawn_inputs_are_valid_and_broken_ones_are_not(data: st.DataObject):
    contract = HUMAN.requested
    contract.check_inputs(data.draw(strategies.inputs(contract, SIZES)), SIZES)
    broken = data.draw(strategies.invalid_inputs(contract, SIZES))
    with pytest.raises(ContractViolation) as caught:
        contract.check_inputs(broken.arrays, SIZES)
    assert [violation.where for violation in caught.value.violations] == [broken.tensor]
