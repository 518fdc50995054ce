"""What is known of genes beside their edges: nested groups, and shares of the genes."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from contracts.errors import InvalidOption
from training.data.knowledge import ALL, GROUPS, KINDS, LITERATURE_FREE, SEQUENCE, Knowledge, only

FEATURES = ["hpa:liver", *(f"{kind}:00" for kind in KINDS), "darmanis:neurons"]
MEASURED = {"hpa:liver", "darmanis:neurons"}


def of(group: str) -> set[str]:
    return set(np.array(FEATURES)[only(FEATURES, group)].tolist())


def test_each_group_has_what_is_in_the_one_before():
    groups = [of(group) for group in GROUPS]
    assert groups[0] == MEASURED
    assert groups[-1] == set(FEATURES)
    for small, large in pairwise(groups):
        assert small < large


def test_what_articles_say_is_in_the_last_group_alone():
    literature = {"go:00", "omnipath:00", "enrichr:00", "biogrid:00"}
    assert literature == of(ALL) - of(LITERATURE_FREE)
    assert {"binding:00", "pfam:00", "motif:00"} <= of(SEQUENCE)
    assert {"marbach:00", "archs4:00", "gtex:00"} == of(LITERATURE_FREE) - of(SEQUENCE)


def test_an_unknown_group_is_refused():
    with pytest.raises(InvalidOption, match=r"knowledge.*folklore.*literature_free"):
        only(FEATURES, "folklore")


def test_coverage_is_the_share_of_regulators_and_of_targets():
    missing = np.nan
    table = pd.DataFrame(
        {"go:00": [1.0, missing, 2.0], "go:01": [missing, missing, 1.0], "pfam:00": 3 * [1.0]},
        ["A", "B", "C"],
    )
    edges = pd.DataFrame({"tf": ["A", "B", "A"], "gene": ["C", "C", "A"]})
    assert Knowledge(table, {}).coverage(edges) == {
        "go/regulators": 0.5, "go/targets": 1.0, "pfam/regulators": 1.0, "pfam/targets": 1.0,
    }  # fmt: skip
