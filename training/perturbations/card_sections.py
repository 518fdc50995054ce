"""The tables of a perturbation entry's card, each made from one part of what the entry ships."""

from collections.abc import Iterable

from training.cards import markdown as md
from training.perturbations import card_text as text
from training.perturbations.questions import MEASURES as NAMES
from training.perturbations.shipped import Body, Shipped, best
from training.perturbations.words import (
    CIRCULAR,
    MEASURES,
    NOTHING,
    QUANTITIES,
    figure,
    sentence,
    titles,
    where,
)

Asked = Iterable[tuple[str, Body]]


def results(shipped: Shipped) -> str:
    """What each protocol asks, and all figures, apart by what they are about."""
    said = (f"`{name}`: {body['description']}." for name, body in shipped.protocols.items())
    parts = [md.paragraph(text.RESULTS.format(**shipped.evaluation)), md.items(said)]
    parts += _one_query(shipped)
    headline = shipped.headlined
    if headline:
        parts += [text.HEADLINE, compared(headline), *lower(shipped)]
    for words, quantities in (
        (text.TRIPLES, ("tau",)),
        (text.OTHERS, ("epsilon", "emap_s")),
        (text.SELECTED, ("epsilon_selected",)),
    ):
        found = shipped.asked(*quantities)
        parts += [words, compared(found)] if found else []
    return "\n\n".join(parts)


def _one_query(shipped: Shipped) -> list[str]:
    """Which query strain was held out, and how much of each source that is."""
    asked = shipped.protocols.get("query_disjoint", {}).get("questions", {})
    bodies = {body["source"]: body for body in asked.values()}
    named = [set(body["queries"]) for body in bodies.values()]
    if not named:
        return []
    query = set.intersection(*named)
    shares = []
    for body in bodies.values():
        others = ", ".join(gene for gene in body["queries"] if gene not in query)
        words = text.ONE_SHARE_WITH if others else text.ONE_SHARE
        shares.append(words.format(others=others, **body))
    said = text.ONE_QUERY.format(query=", ".join(sorted(query)), shares="; ".join(shares))
    return [md.paragraph(said)]


def lower(shipped: Shipped) -> list[str]:
    """Where a correlation is not chance, and the other measures are lower than it suggests."""
    said = []
    for protocol, body in shipped.headlined:
        found = {name: record["value"] for name, record in body["metrics"].items()}
        own = body["metrics"].get("pearson", {"low": 0})
        less = [n for n in ("spearman", "precision") if found.get(n, 1) < found.get("pearson", 0)]
        if own["low"] > 0 and less:
            words = " and ".join(MEASURES[name] for name in less)
            said.append(
                text.LOWER.format(
                    measures=sentence(words) + (" is" if len(less) == 1 else " are"),
                    where=where(protocol),
                    lowest=shipped.evaluation["lowest"],
                    **{name: figure(body, name) for name in ("pearson", "spearman", "precision")},
                )
            )
    return [md.items(said)] if said else []


def compared(asked: Asked) -> str:
    """Correlations beside the best rival's, precision and errors."""
    rows = [
        (
            protocol,
            QUANTITIES[body["quantity"]],
            body["source"],
            md.count(body["sets"]),
            figure(body, "pearson"),
            *best_rival(body),
            *(figure(body, name) for name in NAMES[1:]),
        )
        for protocol, body in asked
    ]
    head = ("protocol", "label", "source", "sets", "Pearson", "best rival", "which", "difference")
    return md.table((*head, *(MEASURES[name] for name in NAMES[1:])), rows)


def best_rival(body: Body) -> tuple[str, str, str]:
    """The best rival's correlation, its title, and the difference to it."""
    rival, name = best(body), body["best"].get("pearson")
    title = titles(body)[name] if name else ""
    return figure(rival, "pearson"), title, figure(rival, "pearson", "difference")


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
    """Mean and spread over repeated trainings, or that there is one."""
    repeated = shipped.evaluation.get("seeds")
    if not repeated and not shipped.run.get("best"):
        return text.NO_SEED
    if not repeated:
        return md.paragraph(text.ONE_SEED.format(seed=shipped.run.get("seed", md.NOT_MEASURED)))
    rows = [(n, md.number(f["mean"]), md.number(f["sd"])) for n, f in repeated["figures"].items()]
    said = text.SEEDS.format(**repeated)
    return md.paragraph(said) + "\n\n" + md.table(("figure", "mean", "standard deviation"), rows)
