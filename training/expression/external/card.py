"""The card of predictions that others made: a page from its evaluation, and what was said of it."""

from pathlib import Path

from contracts import evidence
from training.cards import render
from training.cards.filters import FILTERS
from training.expression.answers import ERRORS
from training.expression.measures import L2
from training.expression.questions import BOTH_SEEN
from training.scoring.table import ENTRY, Evaluation
from zoo.store.files import replacing

TEMPLATE = Path(__file__).parent / "card.md.j2"
CARD = "card.md"
EVIDENCE = "predictions-import"


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
    return [
        f"{len(facts['perturbations']):,} perturbations were scored, on {facts['readouts']:,} genes.",
        f"Left out: {facts['dropped_of_file']:,} perturbations of the file that the data lacks, "
        f"{facts['dropped_of_data']:,} of the data that the file lacks; "
        f"{facts['missing_genes']:,} genes that the file lacks.",
        f"{EVIDENCE}: the zoo scored a file, and cannot know whether its model saw these "
        "perturbations.",
    ]


def write(folder: Path, found: Evaluation, page: str) -> None:
    """Write the card and the evaluation's files, each whole before it takes its place."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in {CARD: page, **found.texts()}.items():
        with replacing(folder / name) as draft:
            draft.write_text(text, encoding="utf-8")
