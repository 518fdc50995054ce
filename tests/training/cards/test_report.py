"""Pages are written whole, with figures and both tables; the command prints a card without them."""

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

import zoo
from contracts.errors import InvalidManifest
from tests.training import synthetic
from training.cards import report
from training.pairs import card, leaderboard
from training.pairs.shipped import Shipped
from zoo.cli.app import app
from zoo.store import folders

ROOT = Path(__file__).parents[3]
README = f"before\n{report.BEGIN}\nold\n{report.END}\nafter\n"


@pytest.fixture
def shipped(tiny_root: Path) -> Shipped:
    return synthetic.shipped(tiny_root)


@pytest.fixture
def checkout(tmp_path: Path, tiny_root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout whose only bundled entry is the tiny one."""
    synthetic.ship(tmp_path / "artifacts", tiny_root)
    monkeypatch.setattr("zoo.store.folders.BUNDLED", tmp_path / "artifacts")
    (tmp_path / "README.md").write_text(README)
    return tmp_path


def test_writing_gives_card_figures_and_tables(checkout: Path):
    written = report.write(checkout)
    names = {path.relative_to(checkout).as_posix() for path in written}
    text = (checkout / "model_cards/tiny_dot-toy.md").read_text()
    pictures = re.findall(r"!\[.+\]\((\S+\.svg)\)", text)
    assert len(pictures) == 5
    for picture in pictures:
        assert (checkout / "model_cards" / picture).is_file()
    assert {f"model_cards/{p}" for p in pictures} | {
        "README.md", "model_cards/README.md", "model_cards/tiny_dot-toy.md"
    } == names  # fmt: skip
    assert zoo.card(synthetic.ENTRY) == text == card.card(synthetic.ENTRY)
    front = (checkout / "README.md").read_text()
    assert front.startswith(f"before\n{report.BEGIN}\n**toy**")
    assert front.endswith(f"{report.END}\nafter\n")


def test_writing_again_changes_nothing_and_removes_old_figures(checkout: Path):
    report.write(checkout)
    stale = checkout / "model_cards/figures/tiny_dot-toy/stale.svg"
    stale.write_text("<svg/>")
    before = {p: p.read_bytes() for p in checkout.rglob("*") if p.is_file() and p != stale}
    report.write(checkout)
    assert {p: p.read_bytes() for p in checkout.rglob("*") if p.is_file()} == before


EDITS = {
    "README.md": "0.730",
    "artifacts/tiny_dot-toy/card.md": "98,765",
    "model_cards/README.md": "+0.059",
    "model_cards/figures/tiny_dot-toy/roc.svg": "M ",
    "model_cards/tiny_dot-toy.md": "0.789",
}


def test_planted_edits_are_caught(checkout: Path):
    report.write(checkout)
    assert report.stale(checkout) == []
    for page, number in EDITS.items():
        text = (checkout / page).read_text()
        assert number in text
        (checkout / page).write_text(text.replace(number, number[::-1], 1))
    folders.record(checkout / "artifacts/tiny_dot-toy", "card.md")  # who edits may sign it as well
    done = CliRunner().invoke(app, ["report", "--check", "--root", str(checkout)])
    assert done.exit_code == 1
    told = [line.split(" is not what")[0] for line in done.stderr.splitlines()]
    assert told == [str(checkout / page) for page in sorted(EDITS)]


def test_a_page_that_is_missing_or_that_no_entry_has_is_caught(checkout: Path):
    report.write(checkout)
    gone = checkout / "model_cards/figures/tiny_dot-toy/gain.svg"
    gone.rename(gone.with_name("mine.svg"))
    assert report.stale(checkout) == [gone, gone.with_name("mine.svg")]


def test_no_page_of_this_checkout_was_edited():
    assert report.stale(ROOT) == []


def test_readme_without_markers_is_refused():
    with pytest.raises(InvalidManifest, match="entries:begin"):
        report.readme("no markers", "table")


def rows(table: str) -> list[list[str]]:
    lines = [line for line in table.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_the_leaderboard_has_baselines_as_rows_best_first(shipped: Shipped):
    head, _, *body = rows(leaderboard.tables([shipped]))
    assert head[:3] == ["model", "kind", "AUROC, degree-preserving"]
    assert {row[0] for row in body} == {f"`{shipped.entry}`", *synthetic.RUNGS.values()}
    values = [float(row[2]) for row in body]
    assert values == sorted(values, reverse=True)
    metrics = shipped.protocols["degree_preserving"]["ladder"]["shuffled"]["metrics"]
    (shuffled,) = (row for row in body if "shuffled" in row[0])
    assert shuffled[1:3] == ["baseline", f"{metrics['auroc']['value']:.3f}"]


def test_the_brief_table_has_entries_and_the_best_baseline(shipped: Shipped):
    _, _, *body = rows(leaderboard.tables([shipped], brief=True))
    assert [row[0] for row in body] == [f"`{shipped.entry}`", "boosting on spectral factors"]


def test_data_sets_are_apart_and_a_rung_that_differs_is_named_with_its_entry(
    shipped: Shipped, tiny_root: Path
):
    mesc = synthetic.shipped(tiny_root, synthetic.evaluation(given=True) | {"dataset": "mesc"})
    table = leaderboard.tables([shipped, mesc])
    assert re.findall(r"\*\*(\w+)\*\*", table) == ["mesc", "toy"]
    named = shipped.manifest.model_copy(update={"entry": "tiny_dot-other"})
    other = Shipped(named, shipped.run, shipped.parity, synthetic.evaluation(1), shipped.example)
    names = [row[0] for row in rows(leaderboard.tables([shipped, other]))]
    assert "this network, identities shuffled" in names
    assert "this network, identities shuffled (tiny_dot-toy)" in names


def test_the_command_renders_a_card_without_writing(checkout: Path):
    before = zoo.card(synthetic.ENTRY)
    rendered = CliRunner().invoke(app, ["card", synthetic.ENTRY, "--render"])
    assert rendered.exit_code == 0, rendered.output
    assert rendered.stdout == card.card(synthetic.ENTRY)
    as_json = CliRunner().invoke(app, ["card", synthetic.ENTRY, "--render", "--json"])
    assert json.loads(as_json.stdout) == {"entry": synthetic.ENTRY, "card": rendered.stdout}
    assert zoo.card(synthetic.ENTRY) == before != rendered.stdout
    assert (checkout / "README.md").read_text() == README


def test_the_command_writes_and_refuses_what_makes_no_sense(checkout: Path):
    done = CliRunner().invoke(app, ["report", "--root", str(checkout)])
    assert done.exit_code == 0, done.output
    assert "model_cards/tiny_dot-toy.md" in done.stdout
    for arguments in (["--print"], [synthetic.ENTRY, "--json"]):
        assert CliRunner().invoke(app, ["report", *arguments]).exit_code == 2
