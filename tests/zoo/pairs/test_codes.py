"""Sets of pairs as sorted numbers, against plain Python sets."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from zoo.pairs.codes import PairCodes

TFS, GENES = 5, 7
PAIRS = st.sets(st.tuples(st.integers(0, TFS - 1), st.integers(0, GENES - 1)))


def codes_of(pairs: set[tuple[int, int]]) -> PairCodes:
    tf, gene = np.array(sorted(pairs), np.int64).reshape(-1, 2).T[:, ::-1]
    return PairCodes.of(np.append(tf, tf), np.append(gene, gene), GENES)


@given(PAIRS)
def test_a_pair_is_found_where_it_is(pairs):
    codes = codes_of(pairs)
    assert len(codes) == len(pairs)
    tf, gene = np.indices((TFS, GENES))
    where = sorted(pairs)
    for one, other in zip(tf.ravel().tolist(), gene.ravel().tolist(), strict=True):
        found = codes.find(np.array([one]), np.array([other])).tolist()
        assert found == [where.index((one, other)) if (one, other) in pairs else -1]
    expected = [[(t, g) in pairs for g in range(GENES)] for t in range(TFS)]
    assert codes.holds(tf[:, :1], gene[:1]).tolist() == expected


@given(PAIRS, st.lists(st.integers(0, GENES - 1)), st.sets(st.integers(0, TFS - 1), min_size=1))
def test_places_in_a_block_are_those_of_its_pairs(pairs, genes, tfs):
    some = sorted(tfs)
    row, column = codes_of(pairs).places(np.array(genes, np.int64), np.array(some))
    expected = {(r, c) for r, g in enumerate(genes) for c, t in enumerate(some) if (t, g) in pairs}
    assert len(row) == len(expected)
    assert set(zip(row.tolist(), column.tolist(), strict=True)) == expected
