"""What a person sees on 80 columns: no name is broken, cards fit, the rest is left out."""

import shutil
from pathlib import Path

import pytest

from tests import tiny
from tests.zoo.store.test_figures import write_evaluation
from tests.zoo.terminal import shown


@pytest.fixture(scope="module")
def root(tiny_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny entries, one of them with an evaluation."""
    folder = tmp_path_factory.mktemp("terminal") / "entries"
    shutil.copytree(tiny_root, folder)
    write_evaluation(folder / tiny.TABLE, baseline=True)
    return folder


def test_list_breaks_no_name_and_says_what_it_left_out(root: Path):
    screen = shown(root, "list")
    lines = screen.splitlines()
    assert max(len(line) for line in lines if "Left out" not in line) <= 80
    for entry in ("cls_transformer-yeast", "late_interaction-brain", *tiny.ENTRIES):
        assert sum(line.split()[:1] == [entry] for line in lines) == 1
    assert "Left out, for want of width: evidence, licence, tissue" in screen
    (row,) = [line for line in lines if line.split()[:1] == [tiny.TABLE]]
    assert row.split()[1:3] == ["random/pearson", "0.500"]
    assert "(is a" in row
    assert row.split()[-1] == "0.530"


@pytest.mark.parametrize(
    ("arguments", "names"),
    [
        (("screen", tiny.PRODUCT, "--top", 2), ("gene", "name")),
        (("predict", tiny.CELL, "ADE2+HO"), ("YDL227C|YOR128C", "HO|ADE2")),
        (("score", tiny.TABLE, "SOX2:GFAP"), ("SOX2", "GFAP", "both_seen")),
        (
            ("regulators", tiny.TABLE, "GFAP", "-k", 6),
            ("verdict", "known", "little known", "listed"),
        ),
        (("info", tiny.TABLE), ("score.onnx",)),
    ],
)
def test_no_table_is_wider_than_the_terminal(root: Path, arguments: tuple, names: tuple):
    lines = shown(root, *arguments).splitlines()
    rows = [line for line in lines if not line.startswith(("Left", "The first"))]
    table = rows[next(n for n, line in enumerate(rows) if "───" in line) - 2 :]
    assert max(map(len, table)) <= 80
    assert all(any(name in line for line in rows) for name in names)


def test_a_narrow_terminal_still_breaks_no_name(root: Path):
    rows = shown(root, "predict", tiny.CELL, "ADE2+HO", columns=30).splitlines()
    assert any("YDL227C|YOR128C" in line for line in rows)


CARD = """---
tags: [x]
---

# an entry

One figure.

![ROC curves. Of 100 pairs.](figures/roc.svg)

## Details

Much more.
"""


@pytest.mark.parametrize(("full", "more"), [([], False), (["--full"], True)])
def test_a_card_shows_its_summary_and_no_picture_links(root: Path, full: list[str], more: bool):
    (root / tiny.DOT / "card.md").write_text(CARD)
    screen = shown(root, "card", tiny.DOT, *full)
    assert "One figure." in screen
    assert "ROC curves" in screen
    assert "roc.svg" not in screen
    assert ("Much more." in screen) == more
    assert (f"zoo card {tiny.DOT} --full" in screen) != more


def test_a_long_summary_ends_with_the_screen(root: Path):
    text = "# an entry\n\n" + "".join(f"- fact {number}\n" for number in range(60))
    (root / tiny.DOT / "card.md").write_text(text)
    assert len(shown(root, "card", tiny.DOT, rows=24).splitlines()) < 24
    assert "fact 59" in shown(root, "card", tiny.DOT, "--full", rows=24)
