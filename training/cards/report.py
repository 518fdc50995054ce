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
EVALUATION, FIGURES = "evaluation.md", "figures"
BEGIN, END = "<!-- entries:begin -->", "<!-- entries:end -->"


def bundled() -> list[str]:
    """The entries of this checkout."""
    return sorted(path.parent.name for path in folders.BUNDLED.glob(f"[!.]*/{FILENAME}"))


def read() -> dict[str, Shipped]:
    """What every entry of this checkout ships."""
    return {entry: Shipped.read(entry) for entry in bundled()}


def entry_pages(shipped: Shipped) -> dict[Path, str]:
    """The card of one entry, the page of all its figures, and the drawings on that page."""
    from training.cards.figures import svgs

    entry = shipped.entry
    found = {
        CARDS / f"{entry}.md": render_card(shipped, linked=True),
        CARDS / entry / EVALUATION: render_evaluation(shipped),
    }
    for name, svg in svgs(shipped).items():
        found[CARDS / FIGURES / entry / f"{name}.svg"] = svg
    return found


def readme(before: str, table: str) -> str:
    """`before` with `table` between its markers. Raises InvalidManifest where they are missing."""
    if BEGIN not in before or END not in before:
        raise InvalidManifest("README.md", f"it lacks the lines {BEGIN} and {END}")
    head, rest = before.split(BEGIN, 1)
    return f"{head}{BEGIN}\n{table}\n{END}{rest.split(END, 1)[1]}"


def stale(root: Path) -> list[Path]:
    """Pages below `root` and cards in entries that are not what the entries give: edited, say."""
    everything = read()
    rendered = {root / name: text for name, text in pages(root, everything, everything).items()}
    for entry, shipped in everything.items():
        rendered[folders.locate(entry) / CARD] = render_card(shipped)
    cards = root / CARDS
    others = {*cards.glob(f"{FIGURES}/*/*.svg"), *cards.glob("*/*.md")}
    changed = [path for path, content in rendered.items() if _read(path) != content]
    return sorted({*changed, *(others - set(rendered))})


def pages(root: Path, everything: dict[str, Shipped], entries: Iterable[str]) -> dict[Path, str]:
    """Path below `root` -> content: the pages of `entries`, and the tables of all.

    Raises InvalidOption for a root without a README.
    """
    if not (root / README).is_file():
        raise InvalidOption("--root", str(root), f"a checkout of regzoo, with its {README}")
    table = leaderboard.readme_table(everything.values())
    found = {README: readme((root / README).read_text(encoding="utf-8"), table)}
    found[CARDS / README] = leaderboard.leaderboard(everything.values())
    for entry in entries:
        found |= entry_pages(everything.get(entry) or Shipped.read(entry))
    return found


def _read(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.is_file() else None


def write(root: Path, entries: Iterable[str] | None = None) -> list[Path]:
    """Write all pages below `root` and each entry's own copy of its card; returns the paths."""
    everything = read()
    chosen = list(everything) if entries is None else list(entries)
    rendered = pages(root, everything, chosen)
    for entry in chosen:
        _forget_figures(root, entry, rendered)
        _ship(entry, render_card(everything.get(entry) or Shipped.read(entry)))
    return [_put(root / name, content) for name, content in rendered.items()]


def _put(path: Path, content: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path) as draft:
        draft.write_text(content, encoding="utf-8", newline="\n")
    return path


def _forget_figures(root: Path, entry: str, rendered: dict[Path, str]) -> None:
    """Remove figures that the card no longer shows."""
    for path in (root / CARDS / FIGURES / entry).glob("*.svg"):
        if path.relative_to(root) not in rendered:
            path.unlink()


def _ship(entry: str, content: str) -> None:
    """Put the card into the entry, with its digest."""
    folder = folders.locate(entry)
    _put(folder / CARD, content)
    folders.record(folder, CARD)
