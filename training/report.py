"""Model cards, leaderboard and README table: rendered from what the entries ship."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from contracts import tasks
from contracts.errors import ArtefactError, InvalidManifest, InvalidOption, MissingArtefact
from contracts.manifest import FILENAME, Manifest
from training import card_text as text
from training.evaluate import EVALUATION, RUN
from zoo import store
from zoo.catalogue import CARD
from zoo.files import replacing

PARITY = "parity.json"
BEGIN, END = "<!-- entries:begin -->", "<!-- entries:end -->"
NOT_MEASURED = "[not measured]"
HEADLINES = {
    "uniform/auroc": "AUROC, uniform",
    "degree_preserving/auroc": "AUROC, degree-preserving",
    "within_source/auroc": "AUROC, within source",
    "cold_gene/auroc": "AUROC, unseen gene",
    "cold_tf/auroc": "AUROC, unseen regulator",
    "retrieval/mrr": "MRR",
    "retrieval/hits@10": "hits@10",
}


class NotEvaluated(ArtefactError):
    """The entry carries no evaluation, and a card has nothing to say without."""


@dataclass(frozen=True)
class Shipped:
    """The files of one entry that a card is made of."""

    manifest: Manifest
    run: dict[str, Any]
    parity: dict[str, Any]
    evaluation: dict[str, Any]

    @classmethod
    def read(cls, entry: str) -> "Shipped":
        """Read them, digests checked. Raises NotEvaluated, or MissingArtefact for another file."""
        folder, manifest = store.open_entry(entry)
        if EVALUATION not in manifest.files:
            raise NotEvaluated(f"{entry} is not evaluated. Type: zoo evaluate {entry} --save")
        for name in (RUN, PARITY):
            if name not in manifest.files:
                raise MissingArtefact(folder / name)
        files = [json.loads((folder / name).read_text()) for name in (RUN, PARITY, EVALUATION)]
        return cls(manifest, *files)

    def figure(self, name: str, part: str = "metrics") -> dict[str, float] | None:
        """A figure such as retrieval/mrr of `metrics`, `rival_metrics` or `difference`."""
        protocol, metric = name.split("/")
        return self.evaluation["protocols"].get(protocol, {}).get(part, {}).get(metric)


def card(entry: str) -> str:
    """The model card of `entry` as Markdown."""
    shipped = Shipped.read(entry)
    task = tasks.get(shipped.manifest.task)
    sections = (
        _front_matter(shipped.manifest),
        f"# {entry}",
        shipped.manifest.summary,
        text.VERDICT.format(verdict=_verdict(shipped)),
        text.TASK.format(description=text.paragraph(shipped.run["description"])),
        text.USE.format(entry=entry, unseen=_unseen_regulators(shipped)),
        "## How good it is\n\n" + _figures(shipped),
        "## What it was trained on\n\n" + _data(shipped),
        "## What goes in and comes out\n\n" + _contract(task),
        "## Certified parity\n\n" + _parity(shipped.parity),
        text.REPRODUCE.format(entry=entry, **_provenance(shipped)),
    )
    return "\n\n".join(section.strip() for section in sections) + "\n"


def _verdict(shipped: Shipped) -> str:
    """What a reader must know first, in words, from the difference to the rival."""
    gap = shipped.figure("degree_preserving/auroc", "difference")
    if gap is None:
        return text.IS_BASELINE
    rival = shipped.evaluation["protocols"]["uniform"]["rival"]
    easy = shipped.figure("uniform/auroc", "difference")
    assert easy is not None
    verdict = text.BEATS if gap["low"] > 0 else text.NO_GAIN
    return text.paragraph(
        verdict.format(
            gap=text.figure(gap),
            rival=rival,
            easy=text.figure(easy),
            easy_rival=text.figure(shipped.figure("uniform/auroc", "rival_metrics")),
            within=text.figure(shipped.figure("within_source/auroc")),
        )
    )


def _unseen_regulators(shipped: Shipped) -> str:
    """What is to be expected of regulators without training edges, in words."""
    own, gap = (shipped.figure("cold_tf/auroc", part) for part in ("metrics", "difference"))
    if gap is None:
        return text.UNSEEN_TF_UNKNOWN
    said = text.UNSEEN_TF_HELPS if gap["low"] > 0 else text.UNSEEN_TF_FAILS
    return text.item(said.format(own=text.figure(own), gap=text.figure(gap)))


def _front_matter(manifest: Manifest) -> str:
    """The YAML head that model hubs read."""
    lines = [f"license: {manifest.licences.weights.lower()}", "library_name: regzoo", "tags:"]
    lines += [f"- {tag}" for tag in ("gene-regulation", manifest.species, manifest.tissue, "onnx")]
    return "\n".join(["---", *lines, "---"])


def _figures(shipped: Shipped) -> str:
    """All figures with intervals, beside the rival's."""
    head = ("protocol", "figure", shipped.manifest.entry, "degree baseline", "difference")
    rows = [
        (protocol, name, *map(text.figure, _three(body, name)))
        for protocol, body in shipped.evaluation["protocols"].items()
        for name in body["metrics"]
    ]
    brier = shipped.evaluation["protocols"].get("uniform", {}).get("brier")
    note = f"\n\nBrier score of the probabilities (uniform): {brier:.3f}." if brier else ""
    said = text.PROTOCOLS.format(**shipped.evaluation)
    return said + "\n\n" + text.table(head, rows) + note


def _three(body: dict[str, Any], name: str) -> tuple[dict | None, ...]:
    return tuple(body[part].get(name) for part in ("metrics", "rival_metrics", "difference"))


def _data(shipped: Shipped) -> str:
    run = shipped.run
    licences = text.table(("source", "licence"), list(shipped.manifest.licences.data.items()))
    split = text.table(("part", "edges"), [(k, f"{v:,}") for k, v in run["split"].items()])
    coverage = text.table(
        ("join", "matched"), [(k, f"{v:.1%}") for k, v in run["coverage"].items()]
    )
    return "\n\n".join((text.DATA, licences, text.SPLIT, split, text.COVERAGE, coverage))


def _contract(task: tasks.Task) -> str:
    rows = [
        (role, side, t.name, t.dtype, " x ".join(axis.name for axis in t.axes), t.description)
        for role, contract in task.graphs.items()
        for side, tensors in (("in", contract.inputs), ("out", contract.outputs))
        for t in tensors
    ]
    return text.table(("graph", "side", "name", "type", "axes", "meaning"), rows)


def _parity(parity: dict[str, Any]) -> str:
    rows = [
        (name, lane["status"], text.tiny(lane.get("max_abs_probability")), lane.get("reason", ""))
        for name, lane in parity["lanes"].items()
    ]
    head = ("lane", "status", "largest difference in probability", "reason")
    return text.PARITY.format(**parity) + "\n\n" + text.table(head, rows)


def _provenance(shipped: Shipped) -> dict[str, Any]:
    run = shipped.run
    packages = ", ".join(f"{k} {v}" for k, v in sorted(shipped.manifest.packages.items()))
    return {
        "version": shipped.manifest.version,
        "seed": run["seed"],
        "seconds": run["seconds"],
        "parameters": f"{run['parameters']:,}",
        "commit": run["commit"] or NOT_MEASURED,
        "packages": packages,
        "digest": run["edges_digest"],
    }


def leaderboard(entries: Iterable[str]) -> str:
    """A table of all entries with their headline figures, baselines as rows."""
    rows = []
    for entry in sorted(entries):
        shipped = Shipped.read(entry)
        shown = (shipped.figure(name) for name in HEADLINES)
        rows.append((f"`{entry}`", *(f"{f['value']:.3f}" if f else NOT_MEASURED for f in shown)))
    return text.table(("entry", *HEADLINES.values()), rows)


def bundled() -> list[str]:
    """The entries of this checkout."""
    return sorted(path.parent.name for path in store.BUNDLED.glob(f"[!.]*/{FILENAME}"))


def pages(entries: Iterable[str] | None = None) -> dict[str, str]:
    """Path in the checkout -> content, for the cards, the leaderboard and the README."""
    everything = bundled()
    pages = {f"model_cards/{entry}.md": card(entry) for entry in entries or everything}
    pages["model_cards/README.md"] = text.LEADERBOARD.format(table=leaderboard(everything))
    return pages


def readme(before: str, table: str) -> str:
    """`before` with `table` between its markers. Raises InvalidManifest where they are missing."""
    if BEGIN not in before or END not in before:
        raise InvalidManifest("README.md", f"it lacks the lines {BEGIN} and {END}")
    head, rest = before.split(BEGIN, 1)
    return f"{head}{BEGIN}\n{table}\n{END}{rest.split(END, 1)[1]}"


def write(root: Path, entries: Iterable[str] | None = None) -> list[Path]:
    """Write all pages below `root` and each entry's own copy of its card; returns the paths.

    Raises InvalidOption where `root` has no README.md, and what `card` and `readme` raise; nothing
    is written then.
    """
    front = root / "README.md"
    if not front.is_file():
        raise InvalidOption("--root", str(root), "a checkout of regzoo, with its README.md")
    rendered = pages(entries)
    front_text = readme(front.read_text(), leaderboard(bundled()))
    written = []
    for name, content in rendered.items():
        path = root / name
        path.parent.mkdir(exist_ok=True)
        with replacing(path) as draft:
            draft.write_text(content)
        written.append(path)
        if path.stem in store.known():
            folder = store.locate(path.stem)
            with replacing(folder / CARD) as draft:
                draft.write_text(content)
            store.record(folder, CARD)
    with replacing(front) as draft:
        draft.write_text(front_text)
    return [*written, front]
