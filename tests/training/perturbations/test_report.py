"""Pages of both families are written, checked and printed; the leaderboard ranks the right way."""

import io
import json
import re
import shutil
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from matplotlib.image import imread
from typer.testing import CliRunner

import zoo
from tests.training import synthetic
from tests.training.perturbations.entries import ENTRIES, MULTIPLICATIVE, RIDGE
from training import family
from training.cards import plotting, report
from training.pairs import card
from training.perturbations import drawing, figures, leaderboard
from training.perturbations.shipped import Shipped
from zoo.cli.app import app
from zoo.store import folders


@pytest.fixture
def checkout(saved, tmp_path: Path, monkeypatch) -> Path:
    """A checkout with a planted entry."""
    saved(RIDGE)
    monkeypatch.setattr(folders, "BUNDLED", tmp_path / "artifacts")
    (tmp_path / "README.md").write_text(f"before\n{report.BEGIN}\nold\n{report.END}\nafter\n")
    return tmp_path


@pytest.fixture
def everything(saved) -> list[Shipped]:
    for entry in ENTRIES:
        saved(entry)
    return [Shipped.read(entry) for entry in ENTRIES]


def rows(table: str) -> list[list[str]]:
    lines = [line for line in table.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_pages_of_both_families_are_written_and_checked(checkout: Path, tiny_root: Path):
    synthetic.ship(checkout / "artifacts", tiny_root)
    written = {path.relative_to(checkout).as_posix() for path in report.write(checkout)}
    for entry in (RIDGE, synthetic.ENTRY):
        text = (checkout / f"model_cards/{entry}.md").read_text()
        pictures = re.findall(r"!\[.+\]\((\S+\.svg)\)", text)
        assert pictures
        assert {f"model_cards/{picture}" for picture in pictures} < written
        assert zoo.card(entry) == text == card.card(entry)
    for page in ("README.md", "model_cards/README.md"):
        text = (checkout / page).read_text()
        assert text.index("**planted**") < text.index("**toy**")
    assert report.stale(checkout) == []


EDITS = {
    "README.md": "| baseline |",
    f"artifacts/{RIDGE}/card.md": "rivals",
    "model_cards/README.md": "| baseline |",
    f"model_cards/{RIDGE}.md": "epsilon",
}


def test_planted_edits_are_caught(checkout: Path):
    report.write(checkout)
    for page, words in EDITS.items():
        text = (checkout / page).read_text()
        assert words in text
        (checkout / page).write_text(text.replace(words, words[::-1], 1))
    folders.record(checkout / "artifacts" / RIDGE, "card.md")  # who edits may sign it as well
    assert report.stale(checkout) == [checkout / page for page in EDITS]


def test_the_commands_print_a_card_and_write_all(checkout: Path):
    rendered = CliRunner().invoke(app, ["card", RIDGE, "--render"])
    assert rendered.exit_code == 0, rendered.output
    assert rendered.stdout == card.card(RIDGE)
    done = CliRunner().invoke(app, ["report", "--root", str(checkout)])
    assert done.exit_code == 0, done.output
    assert f"model_cards/{RIDGE}.md" in done.stdout
    checked = CliRunner().invoke(app, ["report", "--check", "--root", str(checkout)])
    assert checked.exit_code == 0, checked.output


def test_the_command_evaluates_saves_and_writes_predictions(
    planted_zoo, planted_folder, planted_answers, tmp_path
):
    folders.register(shutil.copytree(planted_folder / RIDGE, tmp_path / RIDGE))
    path = tmp_path / "out.parquet"
    arguments = ["evaluate", RIDGE, "--protocol", "unseen", "--predictions", str(path)]
    shown = CliRunner().invoke(app, arguments, env={"COLUMNS": "200"})
    assert shown.exit_code == 0, shown.output
    assert "pearson epsilon/main" in shown.stdout
    table = pd.read_parquet(path)
    pd.testing.assert_frame_equal(table, planted_answers(RIDGE)[1]["unseen"])
    saved = CliRunner().invoke(app, ["evaluate", RIDGE, "--save", "--json"])
    assert saved.exit_code == 0, saved.output
    assert json.loads(saved.stdout) == planted_answers(RIDGE)[0]
    assert "evaluation.json" in folders.open_entry(RIDGE)[1].files
    wrong = CliRunner().invoke(app, ["evaluate", RIDGE, "--protocol", "uniform"])
    assert wrong.exit_code == 2
    assert "one of random, one_new" in " ".join(wrong.stderr.split())


def test_rows_for_the_terminal_have_the_best_rival_of_each_measure(everything):
    found = list(family.of_entry(RIDGE).rows(everything[1].evaluation))
    for protocol, name, record, best, theirs, gap in found:
        measure, question = name.split(" ")
        body = everything[1].question(protocol, question)
        assert record == body["metrics"][measure]
        assert best == body["best"][measure]
        assert theirs == body["ladder"][best]["metrics"][measure]
        assert gap == body["ladder"][best]["difference"][measure]


def test_the_leaderboard_ranks_by_unselected_epsilon(everything):
    head, _, *body = rows(leaderboard.tables(everything))
    assert head[:3] == ["model", "kind", "epsilon, random"]
    assert not [name for name in head if "selected" in name or "S-score" in name]
    names = [row[0] for row in body]
    assert names[-1] == f"`{MULTIPLICATIVE}`"
    assert {f"`{RIDGE}`", "Ridge on genes", "MLP on gene embeddings"} <= set(names)
    assert f"{RIDGE} (entry)" not in names
    assert "Mean of the source" not in names
    values = [float(row[2]) for row in body if row[2] != "-"]
    assert values == sorted(values, reverse=True)
    value = everything[1].question("random")["metrics"]["pearson"]["value"]
    (own,) = (row for row in body if row[0] == f"`{RIDGE}`")
    assert own[1:3] == ["baseline", f"{value:.3f}"]
    assert own[-1].startswith(("+", "-"))


def test_the_brief_table_has_entries_and_the_best_rival(everything):
    _, _, *body = rows(leaderboard.tables(everything, brief=True))
    assert len([row for row in body if not row[0].startswith("`")]) == 1
    assert len(body) == 3


def test_a_rival_that_differs_is_named_with_its_entry(everything):
    first, second = everything
    measured = json.loads(json.dumps(second.evaluation))
    ladder = measured["protocols"]["random"]["questions"]["epsilon/main"]["ladder"]
    ladder["boosting"]["metrics"]["pearson"]["value"] = 0.123
    other = replace(second, evaluation=measured)
    names = [row[0] for row in rows(leaderboard.tables([first, other]))]
    assert "Boosting on pair features" in names
    assert f"Boosting on pair features ({RIDGE})" in names


def test_figures_are_the_same_each_time_and_say_their_numbers(everything):
    evaluation = everything[1].evaluation
    drawn = drawing.svgs(evaluation)
    assert list(drawn) == ["gain", "pearson", "binned"]
    assert drawing.svgs(evaluation) == drawn
    own = everything[1].question("random")["metrics"]["pearson"]["value"]
    said = figures.alts(evaluation)
    assert f"{own:.3f}" in said["pearson"]
    assert "unseen gene" in said["pearson"]
    first = everything[1].question("random")["binned"][0]
    assert f"{first[0]:.3f}: {first[1]:.3f}" in said["binned"]
    assert "tau of triples, new query" in said["gain"]
    assert "chosen" not in said["gain"]


def test_another_figure_is_another_drawing(everything):
    evaluation = everything[1].evaluation
    other = json.loads(json.dumps(evaluation))
    body = other["protocols"]["random"]["questions"]["epsilon/main"]
    body["metrics"]["pearson"]["value"] = 0.2
    body["binned"][0][1] = -0.9
    for name in ("pearson", "binned"):
        assert drawing.svgs(other)[name] != drawing.svgs(evaluation)[name]
    assert drawing.svgs(evaluation | {"protocols": {}}) == {}


def test_figures_are_not_empty(everything):
    evaluation = everything[1].evaluation
    for name in figures.alts(evaluation):
        make = drawing.DRAWERS[name]
        png = plotting.rendered(lambda make=make: make(evaluation), "png", dpi=40)
        pixels = imread(io.BytesIO(png), format="png")
        assert (pixels[..., 3] > 0).mean() > 0.01


def test_certain_wins_and_losses_are_counted_below_the_table(everything):
    """Of an entry that is no baseline, and from its intervals alone."""
    shipped = everything[1]
    manifest = shipped.manifest.model_copy(update={"architecture": "dango"})
    other = replace(shipped, manifest=manifest)
    worse, better, total = Counter(), 0, 0
    for asked in shipped.protocols.values():
        for body in asked["questions"].values():
            rival = body["ladder"].get(body["best"].get("pearson"), {"difference": {}})
            gap = rival["difference"].get("pearson")
            if gap and "fitness" not in body["quantity"]:
                total += 1
                better += gap["low"] > 0
                worse.update([rival["title"]] if gap["high"] < 0 else [])
    assert worse
    assert better
    said = " ".join(leaderboard.tables([other], brief=True).split())
    start = f"Interactions: of {total} questions it is certain to beat the best rival on"
    assert f"{start} {better}" in said
    listed = ", ".join(f"{title}: {count}" for title, count in worse.most_common())
    assert f"certain to beat it on {worse.total()} ({listed})." in said
    assert "Measured fitness: of 2 questions" in said
    assert "certain to beat" not in leaderboard.tables(everything)
