"""The tables of a perturbation entry's card that say what it is made of and where it comes from."""

from collections.abc import Sequence
from typing import Any

from training.cards import markdown as md
from training.cards.lane_remarks import remark
from training.perturbations import card_text as text
from training.perturbations.shipped import Shipped

ATTENTION, WITHOUT = "attention", "without_graphs"
WAYS = ("with", "without")
FIGURES, EVEN = {"auroc": "AUROC", "kl": "KL"}, "uniform_kl"
MONITOR = "monitor"
"""The mean of an epoch's other figures."""
SPOKEN_OF = 0.01
"""A difference in correlation that is less than this is no gain to speak of."""
PROFILE = "_profile_"
"""What the names of features have that are made of the training interactions."""


def attention(shipped: Shipped) -> str:
    """How far attention follows each network, with and without the regularisation."""
    measured: dict[str, dict[str, Any]] | None = shipped.run.get(ATTENTION)
    if not measured:
        return md.NOT_MEASURED
    networks = dict.fromkeys(name for way in WAYS for name in measured.get(way, {}))
    asked = [*((way, figure) for figure in FIGURES for way in WAYS), ("with", EVEN)]
    rows = [
        (name, *(md.number(measured.get(way, {}).get(name, {}).get(each)) for way, each in asked))
        for name in networks
    ]
    head = [f"{title}, {way}" for title in FIGURES.values() for way in WAYS]
    parts = [md.paragraph(text.ATTENTION), md.table(("network", *head, "KL, even"), rows)]
    return "\n\n".join([*parts, *_worth(shipped.run)])


def _worth(run: dict[str, Any]) -> list[str]:
    """What validation says of a training with the regularisation and of one without."""
    own, plain = run.get("best"), (run.get(WITHOUT) or {}).get("best")
    if not (own and plain):
        return []
    parts = [name for name in own if name in plain and name not in ("epoch", MONITOR)]
    changes = {name: own[name] - plain[name] for name in parts}
    listed = [text.WORTH_ONE.format(part=n, change=f"{c:+.3f}") for n, c in changes.items()]
    small = all(abs(change) < SPOKEN_OF for change in changes.values())
    words = text.WORTH_NOTHING if small else text.WORTH_SOME
    said = text.WORTH.format(verdict=words.format(listed=", ".join(listed)))
    rows = [(name, md.number(own[name]), md.number(plain[name])) for name in parts]
    return [md.paragraph(said), md.table(("part", *WAYS), rows)]


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
    parts = [(name, md.count(size)) for name, size in run.get("split", {}).items()]
    joins = [(name, f"{share:.1%}") for name, share in run.get("coverage", {}).items()]
    return "\n\n".join(
        (
            said,
            md.table(("source", "licence"), list(manifest.licences.data.items())),
            *_profiles(run.get("features") or ()),
            text.SPLIT,
            md.table(("part", "records"), parts),
            text.COVERAGE,
            md.table(("join", "matched"), joins),
        )
    )


def _profiles(features: Sequence[str]) -> list[str]:
    """Which features of a gene come of what is to be predicted."""
    profiles = sum(PROFILE in name for name in features)
    said = text.PROFILES.format(features=md.count(len(features)), profiles=md.count(profiles))
    return [md.paragraph(said)] if profiles else []


def parity(shipped: Shipped) -> str:
    """How far each way to run it is from torch, output by output."""
    compared = shipped.parity["compared"]
    rows = [
        (
            name,
            lane["status"],
            *(md.tiny(lane.get(f"max_abs_{output}")) for output in compared),
            remark(lane),
        )
        for name, lane in shipped.parity["lanes"].items()
    ]
    batches = ", ".join(map(str, shipped.parity["batches"]))
    said = text.PARITY.format(**(shipped.parity | {"batches": batches}))
    head = ("lane", "status", *(f"largest difference in {output}" for output in compared))
    return md.paragraph(said) + "\n\n" + md.table((*head, "remark"), rows)


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
            digest=shipped.evaluation["records_digest"],
        )
    )
