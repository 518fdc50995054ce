"""The evaluation of predictions that others made, beside references on the same perturbations."""

import numpy as np
from jaxtyping import Float64

from training.data.profiles import Profiles
from training.expression.external import checks
from training.expression.folds import Fold
from training.expression.measures import L2, MEASURES, OF_PAIRS, SUM
from training.expression.questions import BOTH_SEEN, FEWEST, counted, labels
from training.expression.references import ADDITIVE, HALVES, NO_CHANGE, NOISE, SPLITS, errors
from training.scoring.bootstrap import LEVEL
from training.scoring.observe import observe, resamples
from training.scoring.question import Question
from training.scoring.table import ENTRY, About, Evaluation, Fact, Headline, ModelInfo

PROTOCOL = "predictions"
LARGEST = 2_000_000
"""Means of perturbations by readouts by splits that are held at a time."""
ASKS = {
    "": "the change of expression by every perturbation that both the file and the data have; "
    "whether the model has seen them is not known",
    BOTH_SEEN: "the same for sets of genes that were all measured alone",
}
TITLES = {
    "additive": ADDITIVE,
    "mean": "Mean of the other perturbations",
    "no_change": NO_CHANGE,
}


def evaluate(given: checks.Aligned, name: str) -> Evaluation:
    """Score predictions on the perturbations that a file shares with the data."""
    profiles, titles = given.profiles, np.array(given.names)
    label = labels([Fold(profiles, profiles.take(given.sets))], np.arange(len(given.columns)))
    answers = {ENTRY: _plain(given.change)} | references(given, label)
    both = np.isfinite(label[:, SUM]).all(axis=1)
    facts: dict[str, Fact] = {
        "dropped_of_file": len(given.unknown),
        "dropped_of_data": len(profiles) - len(given.sets),
        "unknown": list(given.unknown[: checks.SHOWN]),
        "readouts": len(given.columns),
        "readouts_measured": given.measured,
        "missing": list(given.missing[: checks.SHOWN]),
        "missing_genes": len(given.missing),
        "further_genes": given.further,
        "splits": splits(profiles),
    }
    questions, rows, series = [], [], []
    # A slice, unlike a mask, copies nothing.
    for part, some in (("", slice(None)), *([(BOTH_SEEN, both)] if both.any() else [])):
        question = Question(
            PROTOCOL,
            part,
            ASKS[part],
            given.sets[some],
            label[some],
            given.sets[some],
            "perturbation",
            OF_PAIRS if part else MEASURES,
            facts=facts
            | {"perturbations": titles[some].tolist()}
            | (counted(label[some]) if part else {}),
            drawn=len(titles[some]) >= FEWEST,
        )
        asked = {model: each[some] for model, each in answers.items()}
        able = {model: each for model, each in asked.items() if np.isfinite(each).any(axis=1).all()}
        rows += observe(question, able, "test")
        questions.append(question.info(resamples(question), {}))
        series.append(errors(question, able))
    models = {ENTRY: ModelInfo(title=name, kind="entry"), NOISE: HALVES}
    models |= {each: ModelInfo(title=title, kind="baseline") for each, title in TITLES.items()}
    about = About(
        family="expression",
        entry=name,
        version="",
        dataset=given.dataset,
        digest=given.digest,
        stage="test",
        complete=True,
        level=LEVEL,
        headline=Headline(protocol=PROTOCOL, question="", measure=L2.name),
        models={model: models[model] for model in (ENTRY, *sorted({*answers} - {ENTRY}))},
        questions=questions,
    )
    return Evaluation.of(about, rows, series)


def references(
    given: checks.Aligned,
    label: Float64[np.ndarray, "sets 4 readouts"],
) -> dict[str, np.ndarray]:
    """No change, the mean of all other perturbations, the sum of single genes, and the noise."""
    profiles, sets = given.profiles, given.sets
    change = profiles.change
    own = change[sets]
    found = {"no_change": _plain(np.zeros_like(own)), "additive": _plain(label[:, SUM])}
    if len(profiles) > 1:
        found["mean"] = _plain((change.sum(axis=0) - own) / (len(profiles) - 1))
    halves = given.source.halves(given.source.code, range(splits(profiles)), given.columns)
    found[NOISE] = (halves[:, :, sets] - profiles.control).transpose(2, 0, 1, 3)
    return found


def splits(profiles: Profiles) -> int:
    """How many splits of the cells the noise is averaged over: fewer of large data."""
    return max(1, min(SPLITS, LARGEST // profiles.mean.size))


def _plain(change: Float64[np.ndarray, "sets readouts"]) -> Float64[np.ndarray, "sets 2 readouts"]:
    """Changes of a model that says nothing of their error."""
    return np.stack([change, np.full_like(change, np.nan)], axis=1)
