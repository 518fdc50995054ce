"""What a reader must know of an entry, in words chosen by its figures: trust, and failures."""

from collections.abc import Callable, Iterator

from training.cards.markdown import difference, figure, known, number
from training.pairs import card_text as text
from training.pairs.shipped import HARD, Record, Shipped, leading

BASELINE = "degree"
COLD = ("cold_tf", "cold_gene", "cold_both")
CHANCE = 0.5
CALIBRATED = 0.05
"""An expected calibration error above this is told as a failure."""


def where(protocol: str) -> str:
    """A protocol in words."""
    return text.TITLES.get(protocol, protocol.replace("_", " "))


def first_sentence(shipped: Shipped) -> str:
    """The difference to the best baseline among pairs of the same degrees, and what it means."""
    said = _compared(shipped, HARD)
    if shipped.figure(f"{HARD}/auroc", "difference") is None and shipped.headline is not None:
        said += " " + _compared(shipped, shipped.headline)
    return said


def _compared(shipped: Shipped, protocol: str) -> str:
    name = f"{protocol}/auroc"
    gap = shipped.figure(name, "difference")
    if gap is None or not known(gap["value"]):
        return text.UNKNOWN.format(entry=shipped.entry, where=where(protocol))
    title, rival = shipped.best(name)
    words = _worded(gap, text.BEATS, text.NO_GAIN, text.WORSE)
    return words.format(
        entry=shipped.entry,
        where=where(protocol),
        count=len(shipped.rungs(protocol)),
        title=title,
        gap=difference(gap),
        own=figure(shipped.figure(name)),
        rival=figure(rival),
    )


def trust(shipped: Shipped) -> str:
    """Whether to trust it: the easy question, the strict one, retrieval, and advice."""
    said = [text.IS_BASELINE] if shipped.manifest.architecture == BASELINE else []
    for name, words in (("uniform/auroc", text.EASY), ("within_source/auroc", text.WITHIN)):
        gap, (title, rival) = shipped.figure(name, "difference"), shipped.best(name)
        if gap is not None:
            own = figure(shipped.figure(name))
            said.append(
                words.format(gap=difference(gap), title=title, rival=figure(rival), own=own)
            )
    gap = shipped.figure("retrieval/mrr", "difference")
    if gap is not None:
        first, ten = (figure(shipped.figure(f"retrieval/hits@{k}")) for k in (1, 10))
        title, _ = shipped.best("retrieval/mrr")
        said.append(text.RETRIEVAL.format(gap=difference(gap), title=title, first=first, ten=ten))
    return " ".join([*said, text.ADVICE])


def unseen(shipped: Shipped) -> list[str]:
    """What to expect of genes and regulators without training edges, one sentence each."""
    return [_unseen(shipped, protocol) for protocol in COLD]


def _unseen(shipped: Shipped, protocol: str) -> str:
    name = f"{protocol}/auroc"
    gap = shipped.figure(name, "difference")
    if gap is None:
        return text.NOT_KNOWN.format(where=where(protocol))
    words = _worded(gap, text.HELPS, text.FAILS, text.FAILS_WORSE)
    title, _ = shipped.best(name)
    own = figure(shipped.figure(name))
    return words.format(where=where(protocol), own=own, gap=difference(gap), title=title)


def failures(shipped: Shipped) -> list[str]:
    """Sentences about what fails: those that the figures ask for, then those true of all."""
    return [said for check in CHECKS for said in check(shipped)] + list(text.STANDING)


def _cold(shipped: Shipped) -> Iterator[str]:
    for protocol in COLD:
        gap = shipped.figure(f"{protocol}/auroc", "difference")
        if gap is None or gap["low"] <= 0:
            yield _unseen(shipped, protocol)


def _no_gain(shipped: Shipped) -> Iterator[str]:
    """Other protocols whose difference includes zero or lies below it."""
    for protocol, body in shipped.protocols.items():
        name = f"{protocol}/{leading(body)}"
        gap = shipped.figure(name, "difference")
        if protocol not in COLD and gap is not None and gap["low"] <= 0:
            title, _ = shipped.best(name)
            words = text.SAME_WORSE if gap["high"] < 0 else text.SAME
            yield words.format(where=where(protocol), title=title, gap=difference(gap))


def _rare(shipped: Shipped) -> Iterator[str]:
    for row in _rows(shipped, "by_degree"):
        if _chance(row["auroc"]):
            yield text.BY_DEGREE.format(bin=degree_bin(row), own=figure(row["auroc"]))


def _families(shipped: Shipped) -> Iterator[str]:
    rows = [row for row in _rows(shipped, "by_family") if row["tfs"] > 1 and _chance(row["auroc"])]
    if rows:
        named = (f"{row['family']} {figure(row['auroc'])}" for row in rows)
        yield text.BY_FAMILY.format(families=", ".join(named))


def _abroad(shipped: Shipped) -> Iterator[str]:
    own = shipped.figure("external/auroc_per_tf")
    if own is not None and _chance(own):
        yield text.ABROAD.format(own=figure(own))


def _sources(shipped: Shipped) -> Iterator[str]:
    own, within = (shipped.figure(f"{name}/auroc") for name in (HARD, "within_source"))
    if own is not None and within is not None and within["value"] < own["low"]:
        yield text.SOURCES.format(own=figure(own), within=figure(within))


def _prior(shipped: Shipped) -> Iterator[str]:
    """The most unbalanced question at which correction for the prior decides better."""
    bodies = [b for b in shipped.protocols.values() if "accuracy_uncorrected" in _decided(b)]
    body = max(bodies, key=lambda body: body["ratio"], default=None)
    if body is not None:
        decided = body["decisions"]
        if decided["accuracy_uncorrected"] < decided["accuracy"]:
            raw, raw_f1 = (number(decided[f"{n}_uncorrected"]) for n in ("accuracy", "f1"))
            own, own_f1 = number(decided["accuracy"]), number(decided["f1"])
            yield text.PRIOR.format(
                ratio=body["ratio"], raw=raw, raw_f1=raw_f1, own=own, own_f1=own_f1
            )


def _miscalibrated(shipped: Shipped) -> Iterator[str]:
    for protocol in ("uniform", "given"):
        ece = _decided(shipped.protocols.get(protocol, {})).get("ece")
        if ece is not None and ece > CALIBRATED:
            yield text.MISCALIBRATED.format(ece=number(ece))


CHECKS: tuple[Callable[[Shipped], Iterator[str]], ...] = (
    _cold, _no_gain, _rare, _families, _abroad, _sources, _prior, _miscalibrated,
)  # fmt: skip


def degree_bin(row: dict) -> str:
    """A bin of in-degrees: 0, 1-2 or 11 and more."""
    if row["high"] is None:
        return f"{row['low']} and more"
    return f"{row['low']}" if row["low"] == row["high"] else f"{row['low']}-{row['high']}"


def _worded(gap: Record, better: str, unsure: str, worse: str) -> str:
    """The words for an interval above zero, around it, or below."""
    return better if gap["low"] > 0 else worse if gap["high"] < 0 else unsure


def _rows(shipped: Shipped, part: str) -> list[dict]:
    return shipped.protocols.get(shipped.headline or "", {}).get(part, [])


def _chance(record: Record) -> bool:
    return record["low"] <= CHANCE


def _decided(body: dict) -> dict[str, float]:
    return body.get("decisions", {})
