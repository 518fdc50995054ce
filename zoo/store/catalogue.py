"""Which entries there are, and what each is: names, search, card."""

import difflib
import fnmatch
import operator
import re
import warnings
from typing import TYPE_CHECKING, Any

from contracts import evidence as ladder
from contracts import tasks
from contracts.errors import ArtefactError, InvalidOption, MissingArtefact
from contracts.manifest import Manifest
from zoo.store import folders

if TYPE_CHECKING:
    import pandas as pd

CARD = "card.md"

# The measures that say most about a model, best first; an entry without them shows its first one.
HEADLINES = (
    "degree_preserving/auroc",
    "uniform/auroc",
    "random/pearson_epsilon",
    "random/pearson_fitness/kuzmin_sga_digenic",
    "double/l2_both_seen",
    "single/l2",
)

_COMPARE = {">=": operator.ge, "<=": operator.le, ">": operator.gt, "<": operator.lt}
_METRIC = re.compile(r"(?P<name>[^<>=\s]+)\s*(?:(?P<sign>>=|<=|>|<)\s*(?P<value>\S+))?")


def names(pattern: str = "*") -> list[str]:
    """The entries on this machine whose name matches a pattern with wildcards, sorted.

    `*` stands for anything and `?` for one character: "*-brain", "two_tower-*".
    """
    return sorted(fnmatch.filter(folders.known(), pattern))


def card(name: str) -> str:
    """The entry's model card, as Markdown.

    Raises:
        UnknownEntry: there is none of that name.
        MissingArtefact: the entry has no card, yet or any more.
    """
    folder = folders.locate(name)
    try:
        return (folder / CARD).read_text(encoding="utf-8")
    except FileNotFoundError:
        made = CARD in folders.read_manifest(folder, name).files
        hint = "" if made else f"The entry has no card yet. Type: zoo report {name}"
        raise MissingArtefact(folder / CARD, hint) from None


def search(
    text: str | None = None,
    task: str | None = None,
    tissue: str | None = None,
    species: str | None = None,
    licence: str | None = None,
    metric: str | None = None,
    evidence: str | None = None,
) -> "pd.DataFrame":
    """The entries that match, one row each, as a DataFrame.

    Args:
        text: a word such as "yeast" that stands in the entry's name, task, architecture, species,
            tissue or summary, perhaps with wildcards; capitals do not matter.
        task: a task or a family of tasks, such as "pair_score" or "pairs".
        tissue, species: patterns with wildcards, as task is; capitals do not matter. "mouse" fits
            an entry of "human, mouse".
        licence: such a pattern, for the licence of the weights.
        metric: a metric that the entry must have, such as "uniform/auroc", perhaps with a bound:
            "uniform/auroc >= 0.9". The rows are sorted by it, highest first.
        evidence: a rung of the ladder of evidence, such as "native"; see contracts.evidence.

    Returns:
        Columns entry, version, task, architecture, species, tissue, licence, evidence, summary,
        metric and value: the metric asked for, or the entry's headline.

    Raises:
        InvalidOption: no entry has that metric, its bound cannot be read, what is no text, or no
            rung of the ladder.

    Warns of each entry whose manifest cannot be read.
    """
    import pandas as pd

    rows, broken = found(text, task, tissue, species, licence, metric, evidence)
    for entry, reason in broken.items():
        warnings.warn(f"{entry} is left out: {reason}", stacklevel=2)
    return pd.DataFrame(rows, columns=list(_COLUMNS))


_TOLD = ("entry", "task", "architecture", "species", "tissue", "summary")
_COLUMNS = (
    *("entry", "version", "task", "architecture", "species", "tissue"),
    *("licence", "evidence", "summary", "metric", "value"),
)


def found(
    text: str | None = None,
    task: str | None = None,
    tissue: str | None = None,
    species: str | None = None,
    licence: str | None = None,
    metric: str | None = None,
    evidence: str | None = None,
) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """What `search` shows, as records and without pandas, and the entries that are in no list.

    Of these it is the reason why their manifest cannot be read.
    """
    patterns = {"task": task, "tissue": tissue, "species": species, "licence": licence}
    given = patterns | {"text": text, "metric": metric, "evidence": evidence}
    for name, value in given.items():
        if not isinstance(value, str | None):
            raise InvalidOption(name, value, "a text, such as 'brain'")
    patterns["evidence"] = None if evidence is None else ladder.rung(evidence).name
    patterns["text"] = None if text is None else f"*{text.strip()}*"
    manifests: list[Manifest] = []
    broken: dict[str, str] = {}
    for entry, folder in sorted(folders.known().items()):
        try:
            manifests.append(folders.read_manifest(folder, entry))
        except ArtefactError as error:
            broken[entry] = str(error)
    rows = [row for row in map(_row, manifests) if _matches(row, patterns)]
    return rows if metric is None else _by_metric(rows, manifests, metric), broken


def _row(manifest: Manifest) -> dict[str, Any]:
    metric, value = headline(manifest.metrics)
    ours = {"licence": manifest.licences.weights, "metric": metric, "value": value}
    row = {**manifest.model_dump(include=set(_COLUMNS)), **ours}
    return {name: row[name] for name in _COLUMNS}


def headline(metrics: dict[str, float]) -> tuple[str | None, float | None]:
    """The metric shown where there is room for one, and its value."""
    for name in (*HEADLINES, *sorted(metrics)):
        if name in metrics:
            return name, metrics[name]
    return None, None


def _matches(row: dict[str, Any], patterns: dict[str, str | None]) -> bool:
    """Whether every pattern fits: a task's its family too, a species' any, `text` any of these."""
    texts = {name: (row[name],) for name in ("tissue", "species", "licence")}
    texts["species"] = (row["species"], *row["species"].split(", "))
    texts["task"] = (row["task"], tasks.get(row["task"]).family)
    texts["evidence"] = (ladder.of(row["evidence"]).name,)
    texts["text"] = tuple(row[name] for name in _TOLD)
    return all(
        any(fnmatch.fnmatchcase(each.lower(), pattern.lower()) for each in texts[name])
        for name, pattern in patterns.items()
        if pattern is not None
    )


def _by_metric(
    rows: list[dict[str, Any]], manifests: list[Manifest], metric: str
) -> list[dict[str, Any]]:
    """The rows whose entry has the metric within its bound, highest first, then by name."""
    metrics = {manifest.entry: manifest.metrics for manifest in manifests}
    name, holds = _read_metric(metric, sorted({key for each in metrics.values() for key in each}))
    kept = [
        {**row, "metric": name, "value": metrics[row["entry"]][name]}
        for row in rows
        if name in metrics[row["entry"]] and holds(metrics[row["entry"]][name])
    ]
    return sorted(kept, key=lambda row: (-row["value"], row["entry"]))


def _read_metric(metric: str, there: list[str]) -> tuple[str, Any]:
    match = _METRIC.fullmatch(metric.strip())
    if match is None or match["name"] not in there:
        near = difflib.get_close_matches(match["name"] if match else metric, there, 5, 0.4)
        some = [name for name in HEADLINES if name in there] or there[:5]
        expected = f"one of {', '.join(near)}" if near else f"one such as {', '.join(some)}"
        bound = "perhaps with a bound such as '>= 0.9'; zoo info ENTRY lists those of an entry"
        raise InvalidOption("metric", metric, f"{expected}, {bound}")
    if match["sign"] is None:
        return match["name"], lambda value: True
    try:
        bound = float(match["value"])
    except ValueError:
        raise InvalidOption("metric", metric, f"a number after {match['sign']}") from None
    compare = _COMPARE[match["sign"]]
    return match["name"], lambda value: compare(value, bound)
