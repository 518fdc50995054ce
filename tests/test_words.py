"""Pages and help texts are free of the words that the house does not use."""

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from zoo.cli.app import app

ROOT = Path(__file__).parents[1]
PAGES = sorted(
    path.relative_to(ROOT).as_posix()
    for pattern in (
        "README.md", "model_cards/*.md", "model_cards/*/*.md", "findings/*/README.md",
        "zoo/artifacts/*/card.md",
    )
    for path in ROOT.glob(pattern)
)  # fmt: skip
COMMANDS = (
    "",
    "list",
    "search",
    "info",
    "card",
    "verify",
    "score",
    "regulators",
    "targets",
    "predict",
    "screen",
    "explain",
    "embed",
    "transfer-labels",
    "index",
    "train",
    "evaluate",
    "report",
    "compare",
    "sweep",
    "export",
    "serve",
    "reproduce",
)
BANNED = (
    r"(?<!--)rungs?",
    r"climb(s|ed|ing)?",
    r"told(?! (apart )?from)",
    r"asked",
    r"kept",
    r"of whom",
    r"certain to (beat|be)",
    r"have? no say|has no say",
    r"though that is not certain",
    r"of a gene how long",
    r"it is no forecast",
    r"first in a share",
    r"has but",
)
WORDS = re.compile(rf"(?i)(?<!\w)({'|'.join(BANNED)})\b")
CODE = re.compile(r"^```.*?^```|`[^`\n]*`|\]\([^)]*\)", re.MULTILINE | re.DOTALL)


def banned(text: str) -> list[str]:
    """The words of a text that it should not have; code and links are not read."""
    plain = " ".join(CODE.sub(" ", text).split())
    found = [plain[max(0, m.start() - 40) : m.end() + 40] for m in WORDS.finditer(plain)]
    return found + (["[not measured]"] if "[not measured]" in plain else [])


@pytest.mark.parametrize("page", PAGES)
def test_a_page_has_no_banned_word(page: str):
    assert banned((ROOT / page).read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("command", COMMANDS)
def test_a_help_text_has_no_banned_word(command: str):
    done = CliRunner().invoke(app, [*command.split(), "--help"], env={"COLUMNS": "200"})
    assert done.exit_code == 0, done.output
    assert banned(done.output) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("The best rung of the\nladder climb.", 2),
        ("It cannot be told from chance, nor told apart from X.", 0),
        ("We asked `asked` and kept it.", 2),
        ("It is certain to beat the\nbest rival.", 1),
        ("[not measured]", 1),
    ],
)
def test_the_scan_finds_what_it_should(text: str, found: int):
    assert len(banned(text)) == found
