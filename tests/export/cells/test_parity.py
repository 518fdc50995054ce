"""What is compared for cells, and the figures of it."""

import numpy as np
import pytest

from contracts.cells.task import CELL_EMBED
from export.cells import family
from export.cells.parity import AMONG, EQUAL, CellProbe, agreement, nearest
from export.cells.samples import edge_cells
from export.parity import BATCHES, ParityFailed

SIZES = {"human_genes": 9, "mouse_genes": 7, "macrogenes": 3, "dim": 4}
PROBE = CellProbe.draw(SIZES)


def test_the_sample_keeps_the_contract_and_is_no_example():
    asked = [(species, len(batch["counts"])) for species, batch in PROBE.batches]
    assert asked == [(species, cells) for species in ("human", "mouse") for cells in BATCHES]
    for species, batch in PROBE.batches:
        CELL_EMBED.graphs[species].requested.check_inputs(batch, SIZES)
    for species, contract in CELL_EMBED.graphs.items():
        contract.requested.check_inputs(edge_cells(species, SIZES), SIZES)
        example = family.FAMILY.example(contract, SIZES)
        contract.check_inputs(example, SIZES)
        assert len(example["counts"]) not in {*SIZES.values(), *BATCHES}


def vectors(cells: int = AMONG, seed: int = 0) -> np.ndarray:
    drawn = np.random.default_rng(seed).normal(size=(cells, 8))
    return drawn / np.linalg.norm(drawn, axis=1, keepdims=True)


def test_neighbours_are_those_of_scikit_learn():
    from sklearn.neighbors import NearestNeighbors

    drawn = vectors()
    found = NearestNeighbors(n_neighbors=11, metric="cosine").fit(drawn).kneighbors(drawn)[1]
    np.testing.assert_array_equal(np.sort(nearest(drawn)), np.sort(found[:, 1:]))


def test_the_share_of_equal_neighbours_does_not_heed_their_order():
    drawn = vectors()
    assert agreement(drawn, drawn.astype(np.float32)) == 1
    assert agreement(drawn, vectors(seed=1)) < 0.1
    moved = drawn + 0.01 * vectors(seed=1)
    kept = np.mean(
        [len({*a} & {*b}) / 10 for a, b in zip(nearest(drawn), nearest(moved), strict=True)]
    )
    assert agreement(drawn, moved) == pytest.approx(kept)


def test_other_numbers_and_other_neighbours_fail():
    truth = [vectors(), vectors(seed=1), vectors(7)]
    figures = PROBE.compare("lane", truth, [one.astype(np.float32) for one in truth])
    assert figures["neighbours_equal"] == 1
    assert figures["max_abs_vector"] < 1e-7
    with pytest.raises(ParityFailed, match=r"lane differs from torch in float64 by 0\.001 in vec"):
        PROBE.compare("lane", truth, [*truth[:2], truth[2] + 1e-3])
    close = [np.round(one * 1e-5, 7) for one in truth]
    with pytest.raises(ParityFailed, match=r"lane finds .*% of the 10 nearest .* 99\.9% is the l"):
        PROBE.compare("lane", [one * 1e-5 for one in truth], close)
    assert EQUAL == 0.999
