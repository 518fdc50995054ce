"""An evaluation by protocol and question, as tests look things up in it."""

from training.scoring.table import COMPLETE, ENTRY, Evaluation


def nested(found: Evaluation) -> dict[str, dict[str, dict]]:
    """Protocol -> question -> what was measured of it; a pair protocol's only question is ""."""
    bodies: dict[str, dict[str, dict]] = {name: {} for name in found.protocols}
    for info in found.questions():
        body = _figures(found, info.protocol, info.question) | dict(info.facts)
        body |= {"asks": info.asks, "unit": info.unit, "resamples": info.resamples}
        again = _figures(found, info.protocol, info.question + COMPLETE)
        if "complete" in info.facts:
            body["complete"] = {"sets": info.facts["complete"]} | (
                again if again["metrics"] else {}
            )
        body["series"] = {
            (each.kind, each.model): each.rows
            for each in found.series
            if (each.protocol, each.question) == (info.protocol, info.question)
        }
        bodies[info.protocol][info.question] = body
    return bodies


def pairs(found: Evaluation) -> dict[str, dict]:
    """Protocol -> what was measured."""
    return {name: bodies[""] for name, bodies in nested(found).items()}


def _figures(found: Evaluation, protocol: str, question: str) -> dict:
    rows = found.rows
    rows = rows[(rows["protocol"] == protocol) & (rows["question"] == question)]
    rows = rows[(rows["seed"] == "") & (rows["variant"] == "")]
    body: dict = {"metrics": {}, "decisions": {}, "ladder": {}, "best": {}}
    for row in rows.itertuples():
        if row.model == ENTRY and row.low != row.low:
            body["decisions"][row.measure] = row.value
            continue
        at = body
        if row.model != ENTRY:
            title = found.about.models[row.model].title
            empty = {"title": title, "metrics": {}, "difference": {}}
            at = body["ladder"].setdefault(row.model, empty)
        at["metrics"][row.measure] = {"value": row.value, "low": row.low, "high": row.high}
        if row.gap == row.gap:
            gap = {"value": row.gap, "low": row.gap_low, "high": row.gap_high}
            at["difference"][row.measure] = gap
    for measure in dict.fromkeys(rows["measure"]):
        if best := found.best(protocol, measure, question):
            body["best"][measure] = best[0]
    return body
