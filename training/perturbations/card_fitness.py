"""What a perturbation entry's card says of fitness, measured and derived."""

from collections.abc import Iterator

from training.cards import markdown as md
from training.perturbations import card_text as text
from training.perturbations.answers import ESTIMATED
from training.perturbations.card_sections import Asked, best_rival
from training.perturbations.card_verdict import multiplicative
from training.perturbations.shipped import Shipped
from training.perturbations.words import figure, where


def fitness(shipped: Shipped) -> str:
    """Measured fitness beside the multiplicative model and the best rival; then derived."""
    measured, derived = (shipped.asked(name) for name in ("fitness", "fitness_derived"))
    parts = [text.FITNESS_HEAD, _fitness_table(measured, "multiplicative model")]
    if measured:
        said = [*_from_unmeasured(measured), *_interactions_add(measured)]
        parts += [md.paragraph(text.COMPLETE), *([md.items(said)] if said else [])]
    if derived:
        table = _fitness_table(derived, "multiplicative model (circular)")
        parts += [md.paragraph(text.DERIVED), table]
    return "\n\n".join(parts)


def _from_unmeasured(asked: Asked) -> list[str]:
    """How much of a gain over the multiplicative model is of genes that it does not know."""
    said = []
    for protocol, body in asked:
        whole, part = (multiplicative(each) for each in (body, body["complete"]))
        gain, there = (row["difference"].get("pearson") if row else None for row in (whole, part))
        if gain and there and gain["low"] > 0:
            most = there["value"] < gain["value"] / 2
            words = text.FROM_UNMEASURED if most else text.NOT_ONLY_UNMEASURED
            said.append(
                words.format(
                    source=body["source"],
                    where=where(protocol),
                    gap=md.difference(gain),
                    there=md.difference(there),
                    sets=md.count(body["sets"]),
                    complete=md.count(body["complete"]["sets"]),
                )
            )
    return said


def _interactions_add(asked: Asked) -> Iterator[str]:
    """What is left of the entry without its interactions, where that is a model of its own."""
    for protocol, body in asked:
        row = body["ladder"].get(ESTIMATED)
        if row:
            yield text.INTERACTIONS_ADD.format(
                source=body["source"],
                where=where(protocol),
                product=figure(row, "pearson"),
                gap=figure(row, "pearson", "difference"),
            )


def _fitness_table(asked: Asked, product: str) -> str:
    rows = []
    for protocol, body in asked:
        row, complete = multiplicative(body), body["complete"]
        there = complete if "metrics" in complete else None
        rows.append(
            (
                protocol,
                body["source"],
                md.count(body["sets"]),
                figure(body, "pearson"),
                figure(row, "pearson"),
                figure(row, "pearson", "difference"),
                *best_rival(body),
                figure(body, "mse"),
                figure(row, "mse"),
                md.count(complete["sets"]),
                figure(there, "pearson"),
                figure(multiplicative(complete), "pearson"),
            )
        )
    head = ("protocol", "source", "sets", "Pearson", product, "difference to it")
    rival = ("best rival", "which", "difference to it")
    known = ("sets with all singles measured", "Pearson there", f"{product} there")
    return md.table((*head, *rival, "MSE", f"MSE, {product}", *known), rows)
