"""Cards: every number in them is one that the entry ships, and one that was typed is found."""

import json
import re
import shutil
from pathlib import Path

import pytest

import zoo
from contracts.errors import InvalidManifest, InvalidOption, UnknownEntry
from contracts.manifest import FILENAME, Manifest
from tests.training import toy
from training import evaluate as evaluation
from training import report
from training.report import BEGIN, END, NotEvaluated
from zoo import store

ROOT = Path(__file__).parents[2]
CARDS = sorted(path.parent for path in store.BUNDLED.glob(f"[!.]*/{FILENAME}"))


@pytest.fixture
def shipped(toy_answers, scratch, tmp_path, monkeypatch) -> Path:
    """A folder of bundled toy entries, evaluated; their cards are not written yet."""
    folder = tmp_path / "bundled"
    monkeypatch.setattr(store, "BUNDLED", folder)
    for entry in toy.ENTRIES:
        shutil.copytree(toy.entries(scratch) / entry, folder / entry)
        answers, _ = toy_answers(entry)
        store._registered.pop(entry)
        evaluation.save(entry, answers)
    return folder


@pytest.fixture
def checkout(shipped, tmp_path) -> Path:
    """The folder of a checkout whose pages were written."""
    root = tmp_path / "checkout"
    root.mkdir()
    (root / "README.md").write_text(f"# Zoo\n\n{BEGIN}\nold\n{END}\n\nThe end.\n")
    report.write(root)
    return root


def stale(root: Path) -> list[str]:
    """Pages of a checkout that are not what its entries give."""
    return [
        name
        for name, content in report.pages().items()
        if not (root / name).is_file() or (root / name).read_text() != content
    ]


def shown(figure: dict[str, float]) -> str:
    return f"{figure['value']:.3f} [{figure['low']:.3f}, {figure['high']:.3f}]"


@pytest.mark.parametrize("entry", toy.ENTRIES)
def test_a_card_has_every_figure_in_its_row(shipped, entry):
    card = report.card(entry)
    rows = [
        tuple(cell.strip() for cell in line.strip("|").split("|")) for line in card.splitlines()
    ]
    measured = json.loads((shipped / entry / "evaluation.json").read_text())["protocols"]
    for protocol, body in measured.items():
        for name, figure in body["metrics"].items():
            others = [
                shown(body[part][name]) if name in body[part] else "-"
                for part in ("rival_metrics", "difference")
            ]
            assert (protocol, name, shown(figure), *others) in rows
    assert f"{measured['uniform']['brier']:.3f}" in card


@pytest.mark.parametrize("entry", toy.ENTRIES)
def test_a_card_says_where_its_numbers_come_from(shipped, entry):
    card = report.card(entry)
    manifest = Manifest.load(shipped / entry / FILENAME)
    run = json.loads((shipped / entry / "run.json").read_text())
    parity = json.loads((shipped / entry / "parity.json").read_text())
    assert f"# {entry}" in card
    assert run["edges_digest"] in card
    assert f"{run['parameters']:,} parameters" in card
    for name, count in run["split"].items():
        assert f"| {name} | {count:,} |" in card
    for source, licence in manifest.licences.data.items():
        assert f"| {source} | {licence} |" in card
    for lane, body in parity["lanes"].items():
        assert re.search(rf"\| {lane} \| {body['status']} \|", card)
        if "max_abs_probability" in body:
            assert f"{body['max_abs_probability']:.1e}" in card
    assert all(f"zoo {verb} {entry}" in card for verb in ("train", "export", "evaluate", "report"))
    assert "{" not in re.sub(r"```.*?```", "", card, flags=re.S), "a place was left empty"


def test_the_verdict_follows_from_the_interval(shipped):
    assert "This is the baseline" in report.card("degree-toy")
    path = shipped / "two_tower-toy" / "evaluation.json"
    written = json.loads(path.read_text())
    gap = written["protocols"]["degree_preserving"]["difference"]["auroc"]
    assert gap["low"] > 0
    assert "it ranks better than the degree baseline" in report.card("two_tower-toy")
    gap["low"] = -0.001
    path.write_text(json.dumps(written))
    store.record(path.parent, path.name)
    card = report.card("two_tower-toy")
    assert "**No gain over a degree count is certain.**" in card
    assert "ranks better" not in card
    assert shown(gap) in card


def test_an_entry_without_an_evaluation_has_no_card(toy_zoo):
    with pytest.raises(NotEvaluated, match="Type: zoo evaluate degree-toy --save"):
        report.card("degree-toy")
    with pytest.raises(UnknownEntry, match="degree-toy"):
        report.card("degre-toy")


def test_written_pages_are_those_of_the_entries(checkout, shipped):
    assert stale(checkout) == []
    assert sorted(path.name for path in (checkout / "model_cards").iterdir()) == [
        "README.md",
        *(f"{entry}.md" for entry in toy.ENTRIES),
    ]
    for entry in toy.ENTRIES:
        content = (checkout / "model_cards" / f"{entry}.md").read_text()
        assert zoo.card(entry) == content
        store.open_entry(entry)
        assert zoo.verify(entry).ok


@pytest.mark.parametrize("entry", toy.ENTRIES)
def test_a_number_that_was_typed_is_found(checkout, entry):
    path = checkout / "model_cards" / f"{entry}.md"
    content = path.read_text()
    numbers = list(re.finditer(r"0\.\d{3}", content))
    assert len(numbers) > 20
    for place in (numbers[0], numbers[len(numbers) // 2], numbers[-1]):
        digit = place.end() - 1
        other = str((int(content[digit]) + 1) % 10)
        path.write_text(content[:digit] + other + content[digit + 1 :])
        assert stale(checkout) == [f"model_cards/{entry}.md"]
    path.write_text(content)
    assert stale(checkout) == []


def test_the_leaderboard_has_every_entry_and_its_headlines(checkout, shipped):
    front = (checkout / "README.md").read_text()
    assert front.startswith("# Zoo\n")
    assert front.endswith("\nThe end.\n")
    assert "old" not in front
    for entry in toy.ENTRIES:
        metrics = Manifest.load(shipped / entry / FILENAME).metrics
        row = " | ".join(f"{metrics[name]:.3f}" for name in report.HEADLINES)
        for page in (front, (checkout / "model_cards" / "README.md").read_text()):
            assert f"| `{entry}` | {row} |" in page


def test_a_readme_without_markers_is_refused_and_nothing_is_written(shipped, tmp_path):
    root = tmp_path / "other"
    root.mkdir()
    with pytest.raises(InvalidOption, match=r"--root=.*a checkout of regzoo"):
        report.write(root)
    (root / "README.md").write_text("# Zoo\n")
    with pytest.raises(InvalidManifest, match="lacks the lines <!-- entries:begin -->"):
        report.write(root)
    assert [path.name for path in root.iterdir()] == ["README.md"]
    assert not (shipped / "degree-toy" / "card.md").exists()


def test_what_an_interrupted_export_left_is_no_entry(shipped):
    (shipped / ".export-x1y2" / "two_tower-toy").mkdir(parents=True)
    (shipped / "notes").mkdir()
    assert report.bundled() == list(toy.ENTRIES)


@pytest.mark.parametrize("folder", CARDS, ids=lambda folder: folder.name)
def test_a_bundled_card_is_what_its_entry_gives(folder):
    if not (folder / "evaluation.json").is_file():
        pytest.skip(f"{folder.name} is not evaluated yet")
    expected = report.card(folder.name)
    assert (folder / "card.md").read_text() == expected
    cards = ROOT / "model_cards"
    if not cards.is_dir():
        pytest.skip("this is no checkout: it has no model_cards")
    assert (cards / f"{folder.name}.md").read_text() == expected


def test_the_bundled_leaderboards_are_what_the_entries_give():
    if not all((folder / "evaluation.json").is_file() for folder in CARDS):
        pytest.skip("an entry is not evaluated yet")
    table = report.leaderboard(report.bundled())
    for page in (ROOT / "README.md", ROOT / "model_cards" / "README.md"):
        if not page.is_file():
            pytest.skip(f"this is no checkout: it has no {page.name}")
        assert table in page.read_text()
