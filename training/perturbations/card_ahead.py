"""Whether an entry is behind the networks that it should beat, in the first words of its card.

An architecture that comes after the CLS-transformer is held against it and the MLPs on pairs first:
these are the rivals whose place it would take.
"""

from training.perturbations.evaluate import rivals_of
from training.perturbations.shipped import Body, Shipped, rivals
from training.perturbations.words import figure, titles, where

HELD = "cls_transformer"
NAMED = ("pair_mlp", f"{HELD}-")
"""How the names of these rivals begin."""

BEHIND = """\
**On {where}, {titles} {predict} interactions better than `{entry}`{perhaps}**: the Pearson
correlation with epsilon that nobody selected (`{source}`) is {theirs}, and of `{entry}` {own}. The
difference is {listed}{certain}."""
PERHAPS = ", though that is not certain"
LEVEL = """\
On {where}, `{entry}` is at least level with {titles}: its Pearson correlation with epsilon that
nobody selected (`{source}`) is {own}, and less theirs {listed}."""
ELSEWHERE = """\
Of the MLPs on pairs and the CLS-transformer, elsewhere these are ahead of it, with its difference
to them: {listed}."""
NOWHERE = "Where genes are held out, none of these is ahead of it."
ONE = "on {where} {listed}"
UNSURE = "; the interval of {titles} includes zero"
ALL_UNSURE = ", with {an} that include{s} zero"


def said(shipped: Shipped) -> list[str]:
    """What the card begins with; nothing for an architecture that is not held against these."""
    if HELD not in rivals_of(shipped.manifest.architecture) or not shipped.headlined:
        return []
    (protocol, body), *others = shipped.headlined
    held = _held(body)
    if not held:
        return []
    behind = {name: row for name, row in held.items() if _behind(row)}
    shown = behind or held
    words = (BEHIND if behind else LEVEL).format(
        where=where(protocol),
        titles=_and(_titles(body, shown)),
        predict="predicts" if len(shown) == 1 else "predict",
        entry=shipped.entry,
        source=body["source"],
        own=figure(body, "pearson"),
        theirs=_listed(body, shown),
        perhaps=PERHAPS if all(map(_may_be_level, shown.values())) else "",
        listed=_listed(body, shown, "difference"),
        certain=_unsure(body, shown),
    )
    return [" ".join((words, *_elsewhere(others)))]


def _held(body: Body) -> dict[str, Body]:
    """The rows of these rivals that have a difference, the one furthest ahead first."""
    rows = {
        name: row
        for name, row in rivals(body).items()
        if name.startswith(NAMED) and "pearson" in row["difference"]
    }
    return dict(sorted(rows.items(), key=lambda each: each[1]["difference"]["pearson"]["value"]))


def _behind(row: Body) -> bool:
    return row["difference"]["pearson"]["value"] < 0


def _may_be_level(row: Body) -> bool:
    return row["difference"]["pearson"]["high"] >= 0


def _titles(body: Body, rows: dict[str, Body]) -> list[str]:
    named = titles(body)
    return [named[name] for name in rows]


def _and(words: list[str]) -> str:
    """One, two and three."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _listed(body: Body, rows: dict[str, Body], *which: str) -> str:
    """The figures of some rows, or what `which` names of them, such as "difference"."""
    named = titles(body)
    each = (f"{figure(row, 'pearson', *which)} ({named[n]})" for n, row in rows.items())
    return ", ".join(each)


def _unsure(body: Body, rows: dict[str, Body]) -> str:
    unsure = {n: row for n, row in rows.items() if _may_be_level(row)}
    if len(unsure) == len(rows):
        one = len(rows) == 1
        return ALL_UNSURE.format(an="an interval" if one else "intervals", s="s" if one else "")
    return UNSURE.format(titles=_and(_titles(body, unsure))) if unsure else ""


def _elsewhere(others: list[tuple[str, Body]]) -> list[str]:
    """The other protocols in which one of these is ahead."""
    if not any(_held(body) for _, body in others):
        return []
    found = []
    for protocol, body in others:
        behind = {name: row for name, row in _held(body).items() if _behind(row)}
        if behind:
            listed = _listed(body, behind, "difference")
            found.append(ONE.format(where=where(protocol), listed=listed))
    return [ELSEWHERE.format(listed="; ".join(found)) if found else NOWHERE]
