"""Tables and batches know no family of tasks."""

import grimp
import pytest


@pytest.mark.parametrize("low", ["zoo.tables", "zoo.batch"])
@pytest.mark.parametrize("family", ["zoo.pairs", "zoo.perturbations"])
def test_what_families_share_imports_none_of_them(low: str, family: str):
    graph = grimp.build_graph("zoo")
    assert not graph.find_shortest_chains(low, family, as_packages=True)
