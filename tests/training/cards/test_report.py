"""Pages are written whole, with figures and both tables; the command prints a card without them."""

import re
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

import zoo
from contracts.errors import InvalidManifest
from training.cards import card, leaderboard, report
from training.cards.shipped import Shipped
from zoo.cli.app import app
from zoo.store import folders

ROOT = Path(__file__).parents[3]
SHIPPED = folders.BUNDLED
ENTRY, BASELINE = "two_tower-mesc500", "degree-mesc500"
README = f"before\n{report.BEGIN}\nold\n{report.END}\nafter\n"


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout with two of the bundled entries alone."""
    for entry in (ENTRY, BASELINE):
        shutil.copytree(SHIPPED / entry, tmp_path / "artifacts" / entry)
    monkeypatch.setattr("zoo.store.folders.BUNDLED", tmp_path / "artifacts")
    (tmp_path / "README.md").write_text(README)
    return tmp_path


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Such a checkout after `report.write`; not to be changed."""
    root = tmp_path_factory.mktemp("pages")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("zoo.store.folders.BUNDLED", root / "artifacts")
        for entry in (ENTRY, BASELINE):
            shutil.copytree(SHIPPED / entry, root / "artifacts" / entry)
        (root / "README.md").write_text(README)
        report.write(root)
    return root


@pytest.fixture
def written(pages: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it, in the place of the bundled entries."""
    root = Path(shutil.copytree(pages, tmp_path / "written"))
    monkeypatch.setattr("zoo.store.folders.BUNDLED", root / "artifacts")
    return root


def test_writing_gives_cards_figures_and_tables(checkout: Path):
    names = {path.relative_to(checkout).as_posix() for path in report.write(checkout)}
    page = checkout / f"model_cards/{ENTRY}/evaluation.md"
    pictures = re.findall(r"!\[.+\]\((\S+\.svg)\)", page.read_text())
    assert len(pictures) == 4
    for picture in pictures:
        there = (page.parent / picture).resolve()
        assert there.is_file()
        assert there.relative_to(checkout).as_posix() in names
    assert {"README.md", "model_cards/README.md", f"model_cards/{ENTRY}.md"} < names
    text = (checkout / f"model_cards/{ENTRY}.md").read_text()
    assert f"({ENTRY}/evaluation.md)" in text
    assert zoo.card(ENTRY) == card.card(ENTRY)
    assert not re.search(r"\]\((?!http)", zoo.card(ENTRY)), "a link that leads nowhere"
    front = (checkout / "README.md").read_text()
    assert front.startswith(f"before\n{report.BEGIN}\n| Your question |")
    assert front.endswith(f"{report.END}\nafter\n")


def test_writing_again_changes_nothing_and_removes_old_figures(written: Path):
    checkout = written
    stale = checkout / f"model_cards/figures/{ENTRY}/stale.svg"
    stale.write_text("<svg/>")
    before = {p: p.read_bytes() for p in checkout.rglob("*") if p.is_file() and p != stale}
    report.write(checkout)
    assert {p: p.read_bytes() for p in checkout.rglob("*") if p.is_file()} == before


EDITS = {
    "README.md": "0.940",
    f"artifacts/{ENTRY}/card.md": "0.940",
    "model_cards/README.md": "0.940",
    f"model_cards/figures/{ENTRY}/roc.svg": "M ",
    f"model_cards/{ENTRY}.md": "0.940",
    f"model_cards/{ENTRY}/evaluation.md": "0.940",
}


def test_planted_edits_are_caught(written: Path):
    checkout = written
    assert report.stale(checkout) == []
    for page, number in EDITS.items():
        text = (checkout / page).read_text()
        assert number in text
        (checkout / page).write_text(text.replace(number, number[::-1], 1))
    folders.record(checkout / "artifacts" / ENTRY, "card.md")  # who edits may sign it as well
    gone = checkout / f"model_cards/figures/{BASELINE}/pr.svg"
    gone.rename(gone.with_name("mine.svg"))
    done = CliRunner().invoke(app, ["report", "--check", "--root", str(checkout)])
    assert done.exit_code == 1
    changed = {Path(line.split(" is not what")[0]) for line in done.stderr.splitlines()}
    assert changed == {*(checkout / page for page in EDITS), gone, gone.with_name("mine.svg")}


def test_no_page_of_this_checkout_was_edited():
    assert report.stale(ROOT) == []


def test_readme_without_markers_is_refused():
    with pytest.raises(InvalidManifest, match="entries:begin"):
        report.readme("no markers", "table")


def rows(table: str) -> list[list[str]]:
    lines = [line for line in table.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_the_leaderboard_has_baselines_as_rows_best_first():
    shipped = [Shipped.read(entry) for entry in (BASELINE, ENTRY)]
    head, _, *body = rows(leaderboard.leaderboard(shipped))
    assert head == ["model", "kind", "AUROC, given", "difference"]
    names = [row[0] for row in body]
    assert len(set(names)) == len(names)
    assert not [name for name in names if "degree baseline" in name], "it is an entry here"
    kinds = {row[0]: row[1] for row in body}
    assert kinds[f"[`{ENTRY}`]({ENTRY}.md)"] == "entry"
    assert kinds[f"[`{BASELINE}`]({BASELINE}.md)"] == "baseline"
    assert kinds["Boosting on spectral factors and expression"] == "baseline"
    values = [float(row[2]) for row in body]
    assert values == sorted(values, reverse=True)


def test_a_baseline_that_is_made_of_an_entry_is_named_with_it():
    shipped = [Shipped.read(entry) for entry in (ENTRY, "cross_encoder-mesc500")]
    names = [row[0] for row in rows(leaderboard.leaderboard(shipped))]
    shuffled = "this network, identities shuffled"
    named = sorted(name for name in names if name.startswith(shuffled))
    assert named == [shuffled, f"{shuffled} ({ENTRY})"]


def test_the_readme_says_which_model_to_use():
    shipped = [Shipped.read(entry) for entry in (BASELINE, ENTRY, "hetero_cell-yeast")]
    _, _, *body = rows(leaderboard.readme_table(shipped))
    assert [row[1].split("]")[0] for row in body] == [
        f"[{ENTRY}",
        f"[{BASELINE}",
        "[hetero_cell-yeast",
    ]
    assert body[0][0] == (
        "Which regulators control my gene, in mouse embryonic stem cells? (data set mesc500)"
    )
    assert body[1][0] == ""
    assert body[1][1].endswith("(baseline)")
    first = shipped[1].evaluation.best("given", "auroc")
    assert f"{first[1].gap:+.3f}" in body[0][2]


def test_the_readme_advises_by_the_figures_of_all_entries():
    everything = [Shipped.read(entry) for entry in report.bundled() if entry.endswith("-yeast")]
    advice = {
        row[1].split("]")[0][1:]: row[3] for row in rows(leaderboard.readme_table(everything))
    }
    assert advice["hetero_cell-yeast"].startswith("For interactions in `random`, `epsilon/")
    assert "For interactions in `one_new`, `epsilon/" in advice["cls_transformer-yeast"]
    assert (
        "(Pearson correlation 0.883 vs 0.976 for Ridge on fitness)"
        in advice["cls_transformer-yeast"]
    )
    assert "`query_disjoint`, `tau/" in advice["ridge-yeast"]
    for entry, words in advice.items():
        named = re.findall(r"`(\w+)`, `([\w/]+)`", words)
        for shipped in everything:
            for protocol, question in named:
                mine = next(x for x in everything if x.entry == entry).evaluation
                other = shipped.evaluation.figure(protocol, "pearson", question)
                assert not other or other.value <= mine.figure(protocol, "pearson", question).value
    alone = rows(leaderboard.readme_table(x for x in everything if x.entry != "hetero_cell-yeast"))
    assert "`random`, `epsilon/" in alone[2][3], "the next best leads where the best is gone"


def test_the_counts_of_the_leaderboard_are_those_of_the_cards():
    for group in leaderboard.groups(Shipped.read(entry) for entry in report.bundled()):
        tests = {(x.info.protocol, x.info.question) for x in group.columns}
        for view in group.views:
            own = {(x.info.protocol, x.info.question) for x in view.lines}
            without = {test for test in tests if view.evaluation.question(*test) is None}
            assert own == tests - without
            assert not without or group.family == "expression", "it answers for genes it has seen"


def test_the_readme_begins_with_first_choices():
    text = (ROOT / "README.md").read_text()
    examples = re.findall(r"[a-z_]+-(?:brain|yeast)", text.split("## Which model")[0])
    chosen = re.findall(r"^\| Which [^|]+\| \[([a-z_]+-(?:brain|yeast))\]", text, re.MULTILINE)
    assert set(examples) == set(chosen)


def test_the_command_renders_a_card_without_writing(checkout: Path):
    before = {p: p.read_bytes() for p in checkout.rglob("*") if p.is_file()}
    rendered = CliRunner().invoke(app, ["card", ENTRY, "--render"])
    assert rendered.exit_code == 0, rendered.output
    assert rendered.stdout == card.card(ENTRY)
    assert {p: p.read_bytes() for p in checkout.rglob("*") if p.is_file()} == before
