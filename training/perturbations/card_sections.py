"""The tables of a perturbation entry's card, each made from one part of what the entry ships."""

from collections.abc import Iterable

from training import markdown as md
from training.perturbations import card_text as text
from training.perturbations.card_verdict import multiplicative
from training.perturbations.questions import MEASURES as NAMES
from training.perturbations.shipped import Body, Shipped, best
from training.perturbations.words import (
    CIRCULAR,
    MEASURES,
    NOTHING,
    QUANTITIES,
    figure,
    titles,
    where,
)

Asked = Iterable[tuple[str, Body]]


def results(shipped: Shipped) -> str:
    """What each protocol asks, and all figures, apart by what they are about."""
    said = (f"`{name}`: {body['description']}." for name, body in shipped.protocols.items())
    parts = [md.paragraph(text.RESULTS.format(**shipped.evaluation)), md.items(said)]
    headline = shipped.headlined
    if headline:
        parts += [text.HEADLINE, compared(headline)]
    for words, quantities in (
        (text.TRIPLES, ("tau",)),
        (text.OTHERS, ("epsilon", "emap_s")),
        (text.SELECTED, ("epsilon_selected",)),
    ):
        found = shipped.asked(*quantities)
        parts += [words, compared(found)] if found else []
    return "\n\n".join(parts)


def compared(asked: Asked) -> str:
    """Correlations beside the best rival's, and errors."""
    rows = [
        (
            protocol,
            QUANTITIES[body["quantity"]],
            body["source"],
            md.count(body["sets"]),
            figure(body, "pearson"),
            *_rival(body),
            *(figure(body, name) for name in NAMES[1:]),
        )
        for protocol, body in asked
    ]
    head = ("protocol", "label", "source", "sets", "Pearson", "best rival", "which", "difference")
    return md.table((*head, "Spearman", "MSE"), rows)


def _rival(body: Body) -> tuple[str, str, str]:
    """The best rival's correlation, its title, and the difference to it."""
    rival, name = best(body), body["best"].get("pearson")
    title = titles(body)[name] if name else ""
    return figure(rival, "pearson"), title, figure(rival, "pearson", "difference")


def fitness(shipped: Shipped) -> str:
    """Measured fitness beside the multiplicative model and the best rival; then derived."""
    measured, derived = (shipped.asked(name) for name in ("fitness", "fitness_derived"))
    parts = [text.FITNESS_HEAD, _fitness_table(measured, "multiplicative model")]
    if derived:
        table = _fitness_table(derived, "multiplicative model (circular)")
        parts += [md.paragraph(text.DERIVED), table]
    return "\n\n".join(parts)


def _fitness_table(asked: Asked, product: str) -> str:
    rows = []
    for protocol, body in asked:
        row = multiplicative(body)
        rows.append(
            (
                protocol,
                body["source"],
                md.count(body["sets"]),
                figure(body, "pearson"),
                figure(row, "pearson"),
                figure(row, "pearson", "difference"),
                *_rival(body),
                figure(body, "mse"),
                figure(row, "mse"),
            )
        )
    head = ("protocol", "source", "sets", "Pearson", product, "difference to it")
    rival = ("best rival", "which", "difference to it")
    return md.table((*head, *rival, "MSE", f"MSE, {product}"), rows)


def ladder(shipped: Shipped) -> str:
    """Every rival on the headline, then under all protocols, then in fitness."""
    if not shipped.headlined:
        return md.NOT_MEASURED
    protocol, body = shipped.headlined[0]
    rows = [
        (title, *(figure(model, name) for name in NAMES))
        for title, model in sorted(_models(shipped, body), key=_by_pearson)
    ]
    source = body["source"]
    parts = [
        md.paragraph(text.LADDER.format(source=source, where=where(protocol))),
        md.table(("model", *MEASURES.values()), rows),
        md.paragraph(text.LADDER_ALL.format(source=source)),
        _everywhere(shipped, shipped.headlined),
    ]
    asked = shipped.asked("fitness", "fitness_derived")
    if asked:
        parts += [md.paragraph(text.LADDER_FITNESS), _everywhere(shipped, asked, sources=True)]
    return "\n\n".join(parts)


def _models(shipped: Shipped, body: Body) -> list[tuple[str, Body]]:
    """Title and figures of the entry and of every rival."""
    named = titles(body)
    rivals = [(named[name], rival) for name, rival in body["ladder"].items()]
    return [(f"**`{shipped.entry}`**", body), *rivals]


def _by_pearson(row: tuple[str, Body]) -> float:
    return -row[1]["metrics"].get("pearson", {"value": float("-inf")})["value"]


def _everywhere(shipped: Shipped, asked: Asked, sources: bool = False) -> str:
    """The Pearson correlation of all models in these questions, a column each."""
    columns: dict[str, dict[str, str]] = {}
    for protocol, body in asked:
        mark = CIRCULAR if body["circular"] else ""
        head = f"{protocol}, {body['source']}{mark}" if sources else protocol
        models = [(f"**`{shipped.entry}`**", body)]
        models += [(each["title"], each) for each in body["ladder"].values()]
        columns[head] = {title: _value(model) for title, model in models}
    titled = list(dict.fromkeys(title for column in columns.values() for title in column))
    rows = [
        (title, *(column.get(title, md.NOT_MEASURED) for column in columns.values()))
        for title in titled
    ]
    return md.table(("model", *columns), rows)


def _value(model: Body) -> str:
    record = model["metrics"].get("pearson")
    return md.number(record["value"]) if record else NOTHING


def seeds(shipped: Shipped) -> str:
    """Mean and spread over repeated trainings."""
    repeated = shipped.evaluation.get("seeds")
    if not repeated:
        return md.NOT_MEASURED
    rows = [(n, md.number(f["mean"]), md.number(f["sd"])) for n, f in repeated["figures"].items()]
    said = text.SEEDS.format(**repeated)
    return said + "\n\n" + md.table(("figure", "mean", "standard deviation"), rows)
