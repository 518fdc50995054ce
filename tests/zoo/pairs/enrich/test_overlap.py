"""Counts of a draw against scipy's hypergeometric distribution."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import hypergeom

from zoo.pairs.enrich.overlap import Draw


@given(st.integers(2, 60), st.data())
def test_a_draw_is_hypergeometric(pool, data):
    drawn, totals = (data.draw(st.integers(0, pool)) for _ in range(2))
    fewest, most = max(0, drawn + totals - pool), min(drawn, totals)
    hits = np.arange(fewest, most + 1)
    draw = Draw(*(np.full(len(hits), number) for number in (totals, drawn, pool)))
    truth = hypergeom(pool, totals, drawn)
    np.testing.assert_allclose(draw.p_value(hits), truth.sf(hits - 1), rtol=1e-7, atol=1e-12)
    with np.errstate(all="ignore"):  # scipy divides by zero for the kurtosis, which is not used
        mean, variance = truth.mean(), truth.var()
    np.testing.assert_allclose(draw.mean, mean, atol=1e-12)
    z = (hits - mean) / np.sqrt(variance + 0.5)
    np.testing.assert_allclose(draw.z_score(hits), z, atol=1e-9)
