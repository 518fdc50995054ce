"""An exported entry of expression is judged fold by fold, and its pages say what was found."""

import numpy as np
import pytest

import zoo
from contracts.errors import InvalidOption
from export.package import package
from tests.training.expression import runs
from training.cards.card import card, render_evaluation
from training.cards.figures import svgs
from training.cards.leaderboard import leaderboard, readme_table
from training.cards.shipped import Shipped
from training.expression.family import FAMILY
from training.scoring.compare import compare
from training.scoring.evaluate import evaluate
from training.scoring.keeping import keep
from training.scoring.table import ENTRY
from zoo.store import folders


@pytest.fixture(scope="module")
def entries(tmp_path_factory):
    """Two entries, evaluated and kept."""
    with pytest.MonkeyPatch.context() as patch:
        runs.plant(patch)
        patch.setattr(FAMILY, "rungs", lambda: ["additive", "mean", "no_change"])
        names = []
        for name in ("additive", "mean"):
            root = tmp_path_factory.mktemp(name)
            runs.trained(name, root / "run")
            package(root / "run", root / f"{name}-norman19")
            names.append(zoo.register(root / f"{name}-norman19"))
            keep(names[-1], evaluate(names[-1])[0])
        yield names
    for name in names:
        folders._registered.pop(name)


def test_figures_of_few_perturbations_have_no_interval_and_are_named(entries):
    found = evaluate(entries[0])[0]
    both = found.figure("double", "l2", "both_seen")
    assert np.isfinite(both.value)
    assert np.isnan(both.low)
    assert found.named()["double/l2_both_seen"] == both.value
    headline = found.about.headline
    assert (headline.protocol, headline.question) == ("double", "both_seen")
    best = found.best("double", "l2", "both_seen")[0]
    assert best != "noise"
    assert "noise" in found.models("double", "both_seen")


def test_pages_of_an_entry_say_what_was_measured(entries):
    for entry in entries:
        page = " ".join(card(entry).split())
        assert "Two halves of the cells" in page
        assert "too few perturbations for an interval" in page
        asked = Shipped.read(entry).evaluation.question("single") is not None
        assert ("Underpowered: training has" in page) == asked
        assert "nan" not in page.lower().replace("nanog", "")
        shipped = Shipped.read(entry)
        assert "L2 distance" in render_evaluation(shipped)
        assert "errors" in svgs(shipped)
    everything = [Shipped.read(entry) for entry in entries]
    assert "nan" not in readme_table(everything)
    assert entries[0] in leaderboard(everything)


def test_entries_are_compared_on_what_both_answer(entries):
    found = compare(entries, ["double"], stage="test", rungs=["no_change"])
    assert [q.question for q in found.questions()] == ["both_seen"]
    assert set(found.models("double", "both_seen")) == {ENTRY, entries[1], "no_change"}
    with pytest.raises(InvalidOption, match="test"):
        compare(entries)
