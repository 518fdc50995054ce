"""The tables of a model card, each made from one part of what the entry ships."""

from collections.abc import Iterator
from typing import Any

from contracts import tasks
from contracts.manifest import Manifest
from training.cards import markdown as md
from training.cards.lane_remarks import remark
from training.pairs import card_text as text
from training.pairs.card_verdict import degree_bin, where
from training.pairs.shipped import Shipped, leading

BALANCE = ("uniform", "imbalance_5", "imbalance_10", "imbalance_50")
DECISIONS = ("accuracy", "f1", "mcc", "brier", "ece")
RAW = ("accuracy_uncorrected", "f1_uncorrected", "mcc_uncorrected")


def data(shipped: Shipped) -> str:
    """Description, licences, split sizes and coverage."""
    run, manifest = shipped.run, shipped.manifest
    said = text.DATA.format(
        description=md.paragraph(run.get("description", md.NOT_MEASURED)),
        species=manifest.species,
        tissue=manifest.tissue,
        code=manifest.licences.code,
        weights=manifest.licences.weights,
    )
    licences = md.table(("source", "licence"), list(manifest.licences.data.items()))
    split = md.table(
        ("part", "edges"), [(name, md.count(size)) for name, size in run["split"].items()]
    )
    abroad = shipped.protocols.get("external", {}).get("coverage", {})
    joins = run.get("coverage", {}) | {f"external/{name}": each for name, each in abroad.items()}
    shares = [(name, f"{share:.1%}") for name, share in joins.items()]
    coverage = md.table(("join", "matched"), shares)
    return "\n\n".join((said, licences, text.SPLIT, split, text.COVERAGE, coverage))


def results(shipped: Shipped) -> str:
    """What each protocol asks, and all its figures beside the best baseline's."""
    return "\n\n".join(
        (
            md.paragraph(text.RESULTS.format(**shipped.evaluation)),
            md.items(_asked(name, body) for name, body in shipped.protocols.items()),
            md.table(
                ("protocol", "figure", shipped.entry, "best baseline", "which", "difference"),
                _compared(shipped),
            ),
        )
    )


def _asked(protocol: str, body: dict[str, Any]) -> str:
    said = f"`{protocol}`: {body.get('description', where(protocol))}"
    counts = [
        f"{md.count(body[name])} {name}" for name in ("positives", "negatives") if name in body
    ]
    by = f"by `{body['component']}`" if "component" in body else ""
    detail = ", ".join(filter(None, [*counts, by]))
    return f"{said} ({detail})." if detail else f"{said}."


def _compared(shipped: Shipped) -> Iterator[tuple[str, ...]]:
    for protocol, body in shipped.protocols.items():
        for metric in _ordered(body["metrics"]):
            name = f"{protocol}/{metric}"
            title, theirs = shipped.best(name)
            shown = md.figure(shipped.figure(name)), md.figure(theirs)
            gap = md.difference(shipped.figure(name, "difference"))
            yield protocol, text.FIGURES.get(metric, metric), *shown, title, gap


def ladder(shipped: Shipped) -> str:
    """Every baseline under the headline protocol with intervals, then under all protocols."""
    headline = shipped.headline
    if headline is None:
        return md.NOT_MEASURED
    names = _ordered(shipped.protocols[headline]["metrics"])
    rows = sorted(
        _rungs(shipped, headline), key=lambda row: -row[1].get("auroc", {"value": 0})["value"]
    )
    shown = [(title, *(md.figure(metrics.get(n)) for n in names)) for title, metrics in rows]
    figures = sorted({leading(body) for body in shipped.protocols.values()})
    said = text.LADDER_ALL.format(figures=", ".join(text.FIGURES[name] for name in figures))
    return "\n\n".join(
        (
            md.paragraph(text.LADDER.format(where=where(headline))),
            md.table(("model", *(text.FIGURES.get(n, n) for n in names)), shown),
            *_published(shipped),
            said,
            _everywhere(shipped),
        )
    )


def _published(shipped: Shipped) -> list[str]:
    """Figures of others, where the evaluation names some."""
    rows = shipped.evaluation.get("published", [])
    listed = "; ".join(
        f"{row['model']}, {row['figure']} {row['low']:.2f} to {row['high']:.2f}" for row in rows
    )
    return [md.paragraph(text.PUBLISHED.format(listed=listed))] if rows else []


def _rungs(shipped: Shipped, protocol: str) -> list[tuple[str, dict[str, Any]]]:
    """Title and metrics of the entry and of every baseline."""
    rungs = shipped.rungs(protocol).values()
    own = (f"**`{shipped.entry}`**", shipped.protocols[protocol]["metrics"])
    return [own, *((rung["title"], rung["metrics"]) for rung in rungs)]


def _everywhere(shipped: Shipped) -> str:
    """The leading figure of all models under all protocols, in the order of the first's ladder."""
    columns = {
        protocol: {title: m.get(leading(body)) for title, m in _rungs(shipped, protocol)}
        for protocol, body in shipped.protocols.items()
    }
    titles = list(dict.fromkeys(title for column in columns.values() for title in column))
    rows = [
        (title, *(_value(column.get(title)) for column in columns.values())) for title in titles
    ]
    return md.table(("model", *columns), rows)


def _value(record: dict[str, float] | None) -> str:
    return md.number(record["value"]) if record else md.NOT_MEASURED


def seeds(shipped: Shipped) -> str:
    """Mean and spread over repeated trainings."""
    repeated = shipped.evaluation.get("seeds")
    if not repeated:
        return md.NOT_MEASURED
    figures = repeated["figures"].items()
    rows = [(name, md.number(f["mean"]), md.number(f["sd"])) for name, f in figures]
    said = text.SEEDS.format(**repeated)
    return said + "\n\n" + md.table(("figure", "mean", "standard deviation"), rows)


def _by_tfs(row: dict[str, Any]) -> str:
    """A family's figure; that of one regulator has no interval over regulators."""
    return md.figure(row["auroc"]) if row["tfs"] > 1 else md.number(row["auroc"]["value"])


def groups(shipped: Shipped) -> str:
    """AUROC by the gene's training edges, by regulator family, and on another data set's edges."""
    headline = shipped.headline or ""
    body = shipped.protocols.get(headline, {})
    degrees = [
        (degree_bin(row), *_sizes(row), md.figure(row["auroc"]))
        for row in body.get("by_degree", [])
    ]
    families = [
        (row["family"], md.count(row["tfs"]), md.count(row["positives"]), _by_tfs(row))
        for row in body.get("by_family", [])
    ]
    parts = [
        md.paragraph(text.DEGREES.format(where=where(headline))),
        md.table(("training edges", "positives", "negatives", "AUROC"), degrees),
        md.paragraph(text.FAMILIES.format(where=where(headline))),
        md.table(("family", "regulators", "positives", "AUROC"), families),
    ]
    abroad = shipped.protocols.get("external", {}).get("per_tf", [])
    if abroad:
        rows = [(row["tf"], *_sizes(row), md.number(row["auroc"])) for row in abroad]
        head = ("regulator", "positives", "negatives", "AUROC")
        parts += ["By regulator, on another data set's edges:", md.table(head, rows)]
    return "\n\n".join(parts)


def _sizes(row: dict[str, Any]) -> tuple[str, str]:
    return md.count(row.get("positives")), md.count(row.get("negatives"))


def calibration(shipped: Shipped) -> str:
    """Decisions and probabilities at every balance of positives and negatives."""
    asked = [*BALANCE, *(["given"] if "given" in shipped.protocols else [])]
    rows = []
    for protocol in asked:
        body = shipped.protocols.get(protocol, {})
        decided = body.get("decisions", {})
        raw = [decided.get(name) for name in RAW]
        shown = [md.number(decided.get(name)) for name in DECISIONS]
        unneeded = bool(decided) and all(value is None for value in raw)
        rows.append((protocol, *shown, *("same" if unneeded else md.number(v) for v in raw)))
    head = ("protocol", "accuracy", "F1", "MCC", "Brier", "ECE")
    return (
        text.CALIBRATION
        + "\n\n"
        + md.table((*head, "accuracy, as is", "F1, as is", "MCC, as is"), rows)
    )


def contract(manifest: Manifest) -> str:
    """What goes in and comes out, as the task fixes it."""
    rows = [
        (role, side, t.name, t.dtype, " x ".join(axis.name for axis in t.axes), t.description)
        for role, graph in tasks.get(manifest.task).of(manifest.graphs).items()
        for side, tensors in (("in", graph.inputs), ("out", graph.outputs))
        for t in tensors
    ]
    return md.table(("graph", "side", "name", "type", "axes", "meaning"), rows)


def parity(shipped: Shipped) -> str:
    """How far each way to run it is from torch."""
    rows = [
        (name, lane["status"], md.tiny(lane.get("max_abs_probability")), remark(lane))
        for name, lane in shipped.parity["lanes"].items()
    ]
    batches = ", ".join(map(str, shipped.parity["batches"]))
    said = text.PARITY.format(**(shipped.parity | {"batches": batches}))
    head = ("lane", "status", "largest difference in probability", "remark")
    return md.paragraph(said) + "\n\n" + md.table(head, rows)


def provenance(shipped: Shipped) -> str:
    """Version, seed, commit, data and packages."""
    run, manifest = shipped.run, shipped.manifest
    packages = ", ".join(f"{name} {v}" for name, v in sorted(manifest.packages.items()))
    return md.paragraph(
        text.PROVENANCE.format(
            version=manifest.version,
            seed=run.get("seed", md.NOT_MEASURED),
            seconds=run.get("seconds", md.NOT_MEASURED),
            parameters=md.count(run.get("parameters")),
            commit=run.get("commit") or md.NOT_MEASURED,
            packages=packages or f"packages {md.NOT_MEASURED}",
            digest=shipped.evaluation["edges_digest"],
        )
    )


def changelog(manifest: Manifest, run: dict[str, Any]) -> str:
    """What each version changed, newest first, as the recipe tells it."""
    told = dict(run.get("recipe", {}).get("changes", {}))
    told.setdefault(manifest.version, md.NOT_MEASURED)
    newest = sorted(told, key=lambda version: [int(n) for n in version.split(".")], reverse=True)
    return md.items(f"{version}: {told[version]}" for version in newest)


def _ordered(metrics: dict[str, Any]) -> list[str]:
    """Names of figures in the order that all tables have."""
    first = [name for name in text.FIGURES if name in metrics]
    return first + sorted(set(metrics) - set(first))
