"""The card of predictions that others made: a page from its evaluation, and what was said of it."""

from pathlib import Path

from contracts import evidence
from training.cards import render
from training.cards.filters import FILTERS
from training.expression.measures import L2
from training.expression.questions import BOTH_SEEN
from training.expression.references import ERRORS
from training.scoring.table import ENTRY, Evaluation
from zoo.store.files import replacing

TEMPLATE = Path(__file__).parent / "card.md.j2"
CARD = "card.md"
EVIDENCE = "predictions-import"
UNKNOWN = (
    "Evidence: {evidence}. The zoo scored a file, and cannot know whether its model saw these "
    "perturbations."
)


def card(found: Evaluation, source: str, licence: str) -> str:
    """The page, in Markdown."""
    return render.render(
        TEMPLATE,
        (),
        FILTERS,
        e=found,
        about=found.about,
        questions={info.question: info for info in found.questions()},
        series={each.question: each for each in found.series if each.kind == ERRORS},
        best={q.question: found.best(q.protocol, L2.name, q.question) for q in found.questions()},
        rung=evidence.rung(EVIDENCE),
        both_seen=BOTH_SEEN,
        lead=L2.name,
        entry=ENTRY,
        source=source,
        licence=licence,
    )


def summary(found: Evaluation) -> list[str]:
    """What was compared, and what the figures cannot say, in a few lines."""
    facts = found.about.questions[0].facts
    scored, genes = len(facts["perturbations"]), facts["readouts"]
    theirs, ours, missing = (
        facts[name] for name in ("dropped_of_file", "dropped_of_data", "missing_genes")
    )
    return [
        f"{scored:,} perturbations were scored, on {genes:,} genes.",
        f"The file has {theirs:,} other perturbations.",
        f"It lacks {ours:,} perturbations and {missing:,} genes of the data.",
        UNKNOWN.format(evidence=EVIDENCE),
    ]


def write(folder: Path, found: Evaluation, page: str) -> None:
    """Write the card and the evaluation's files, each whole before it takes its place."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in {CARD: page, **found.texts()}.items():
        with replacing(folder / name) as draft:
            draft.write_text(text, encoding="utf-8")
