"""What the pages of perturbation entries call things, and how they print a figure."""

from training.cards import markdown as md
from training.perturbations.metrics import LOWEST
from training.perturbations.shipped import Body, Record

WHERE = {
    "random": "gene sets drawn by chance",
    "one_new": "sets with one gene that is new to the source",
    "both_new": "pairs of two genes that are new to the source",
    "unseen": "sets with a gene that no source had in training",
    "query_disjoint": "sets of a query strain that training never saw",
}
SHORT = {
    "random": "random",
    "one_new": "one gene new",
    "both_new": "both genes new",
    "unseen": "unseen gene",
    "query_disjoint": "new query",
}
QUANTITIES = {
    "epsilon": "epsilon",
    "tau": "tau",
    "epsilon_selected": "selected epsilon",
    "emap_s": "S-score",
    "fitness": "fitness",
    "fitness_derived": "derived fitness",
}
MEASURES = {
    "pearson": "Pearson",
    "spearman": "Spearman",
    "precision": f"precision at {LOWEST:.0%}",
    "mse": "MSE",
}
CIRCULAR = " (circular)"
NOTHING = "-"
"""Where a figure means nothing: predictions that are all the same have no correlation."""


def where(protocol: str) -> str:
    """A protocol in words."""
    return WHERE[protocol]


def figure(measured: Body | None, measure: str, part: str = "metrics") -> str:
    """A figure of a model or of a `difference`: 0.763 [0.741, 0.784], or a dash."""
    record: Record | None = measured[part].get(measure) if measured else None
    if record is None:
        return NOTHING
    sign = "+" if part == "difference" else ""
    if measure != "mse":
        return md.figure(record, sign)
    value, low, high = (f"{record[name]:{sign}.3g}" for name in ("value", "low", "high"))
    return f"{value} [{low}, {high}]"


def titles(body: Body) -> dict[str, str]:
    """The title of every rival; one whose prediction is part of the label is marked."""
    return {
        name: rival["title"] + (CIRCULAR if name in body["circular"] else "")
        for name, rival in body["ladder"].items()
    }


def sentence(words: str) -> str:
    """The words with a capital first."""
    return words[0].upper() + words[1:]
