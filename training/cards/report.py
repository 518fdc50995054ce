"""Write cards, figures, leaderboard and README table: all rendered from what entries ship."""

from collections.abc import Iterable
from pathlib import Path

from contracts.errors import InvalidManifest, InvalidOption
from contracts.manifest import FILENAME
from training.cards import leaderboard
from training.cards.card import render_card, render_evaluation
from training.cards.shipped import Shipped
from zoo.store import folders
from zoo.store.catalogue import CARD
from zoo.store.files import replacing

CARDS, README = Path("model_cards"), Path("README.md")
FIGURES = "figures"
BEGIN, END = "<!-- entries:begin -->", "<!-- entries:end -->"


def bundled() -> list[str]:
    """The entries of this checkout."""
    return sorted(path.parent.name for path in folders.BUNDLED.glob(f"[!.]*/{FILENAME}"))


def pages(root: Path, entries: Iterable[str] | None = None) -> dict[Path, str]:
    """Path -> content: the pages of `entries` (or all), the tables of all, each entry's own card.

    Raises InvalidOption for a root without a README.
    """
    from training.cards.figures import svgs

    if not (root / README).is_file():
        raise InvalidOption("--root", str(root), f"a checkout of regzoo, with its {README}")
    everything = {entry: Shipped.read(entry) for entry in bundled()}
    table = leaderboard.readme_table(everything.values())
    found = {root / README: readme((root / README).read_text(encoding="utf-8"), table)}
    cards = root / CARDS
    found[cards / README] = leaderboard.leaderboard(everything.values())
    for entry in everything if entries is None else entries:
        shipped = everything.get(entry) or Shipped.read(entry)
        found[folders.locate(entry) / CARD] = render_card(shipped)
        found[cards / f"{entry}.md"] = render_card(shipped, linked=True)
        found[cards / entry / "evaluation.md"] = render_evaluation(shipped)
        for name, svg in svgs(shipped).items():
            found[cards / FIGURES / entry / f"{name}.svg"] = svg
    return found


def readme(before: str, table: str) -> str:
    """`before` with `table` between its markers. Raises InvalidManifest where they are missing."""
    if BEGIN not in before or END not in before:
        raise InvalidManifest("README.md", f"it lacks the lines {BEGIN} and {END}")
    head, rest = before.split(BEGIN, 1)
    return f"{head}{BEGIN}\n{table}\n{END}{rest.split(END, 1)[1]}"


def stale(root: Path) -> list[Path]:
    """Pages below `root` and cards in entries that are not what the entries give: edited, say."""
    rendered = pages(root)
    others = {*(root / CARDS).glob(f"{FIGURES}/*/*.svg"), *(root / CARDS).glob("*/*.md")}
    changed = {path for path, content in rendered.items() if _read(path) != content}
    return sorted(changed | (others - set(rendered)))


def _read(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.is_file() else None


def write(root: Path, entries: Iterable[str] | None = None) -> list[Path]:
    """Write all pages below `root` and each entry's own copy of its card; returns the paths."""
    rendered = pages(root, entries)
    for path, content in rendered.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as draft:
            draft.write_text(content, encoding="utf-8", newline="\n")
        if path.name == CARD:
            folders.record(path.parent, CARD)
    for folder in {path.parent for path in rendered if path.suffix == ".svg"}:
        for figure in set(folder.glob("*.svg")) - set(rendered):
            figure.unlink()
    return list(rendered)
