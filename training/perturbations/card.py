"""The card of a perturbation entry, rendered from what it ships and from nothing else."""

from huggingface_hub import EvalResult

from training.cards import markdown as md
from training.cards.head import TASK, block
from training.pairs import card_text as shared
from training.pairs.card import FIGURES
from training.pairs.card_sections import changelog, contract
from training.perturbations import card_ablations as ablations
from training.perturbations import card_ahead as ahead
from training.perturbations import card_facts as facts
from training.perturbations import card_sections as sections
from training.perturbations import card_text as text
from training.perturbations import card_verdict as verdict
from training.perturbations import figures, how
from training.perturbations.card_fitness import fitness
from training.perturbations.shipped import Shipped
from training.perturbations.words import MEASURES, QUANTITIES

HUB_NAMES = {
    "pearson": "pearsonr",
    "spearman": "spearmanr",
    "precision": "precision",
    "mse": "mse",
}


def render(shipped: Shipped) -> str:
    """The card of what was read: the same files always give the same text."""
    first, second = shipped.known.example
    reproduce = shared.REPRODUCE.format(entry=shipped.entry, provenance=facts.provenance(shipped))
    parts = (
        block(shipped.manifest, "genetic-interactions", _results(shipped)),
        f"# {shipped.entry}",
        _half_page(shipped),
        text.MEANING.format(entry=shipped.entry, first=first, second=second),
        text.USE,
        *how.told(shipped),
        "## How good it is",
        sections.results(shipped),
        fitness(shipped),
        _pictures(shipped, "gain", "pearson", "binned"),
        "### The ladder of rivals",
        sections.ladder(shipped),
        "### Over seeds",
        sections.seeds(shipped),
        "### Attention and networks",
        facts.attention(shipped),
        *_ablations(shipped),
        "## Known failures",
        md.items(verdict.failures(shipped)),
        "## What it was trained on",
        facts.data(shipped),
        "## What goes in and comes out",
        contract(shipped.manifest),
        "## Certified parity",
        facts.parity(shipped),
        reproduce,
        "## Changes",
        changelog(shipped.manifest, shipped.run),
    )
    return "\n\n".join(part.strip() for part in parts) + "\n"


def _half_page(shipped: Shipped) -> str:
    """What it does, whether to trust it, when not; the difference to the best rival first."""
    description = shipped.run.get("description", "")
    return "\n\n".join(
        (
            *map(md.paragraph, ahead.said(shipped)),
            md.paragraph(verdict.first_sentence(shipped)),
            md.paragraph(f"**What it does.** {shipped.manifest.summary} {description}"),
            md.paragraph(f"**Should I trust it?** {verdict.trust(shipped)}"),
            "**When not?**\n\n" + md.items(verdict.warnings(shipped)),
        )
    )


def _ablations(shipped: Shipped) -> list[str]:
    """Trainings without a part of it, on validation, where it ships any."""
    if shipped.ablations is None:
        return []
    return ["### Ablations (validation)", ablations.section(shipped.ablations)]


def _pictures(shipped: Shipped, *names: str) -> str:
    """References to figures, each with its numbers in words."""
    alts = figures.alts(shipped.evaluation)
    return "\n\n".join(
        f"![{alts[name]}]({FIGURES}/{shipped.entry}/{name}.svg)"
        if name in alts
        else f"Figure `{name}`: {md.NOT_MEASURED}"
        for name in names
    )


def _results(shipped: Shipped) -> list[EvalResult]:
    """One result a figure: of the headline, of triples and of measured fitness."""
    evaluation = shipped.evaluation
    asked = [*shipped.headlined, *shipped.asked("tau", "fitness")]
    return [
        EvalResult(
            task_type=TASK,
            task_name=f"{QUANTITIES[body['quantity']]}, {protocol}",
            dataset_type=evaluation["dataset"],
            dataset_name=f"{evaluation['dataset']}, {body['source']}",
            dataset_config=f"{protocol}/{body['quantity']}/{body['source']}",
            dataset_split=evaluation["stage"],
            dataset_revision=evaluation["records_digest"],
            metric_type=HUB_NAMES[measure],
            metric_name=MEASURES[measure],
            metric_value=record["value"],
            metric_args={
                "level": evaluation["level"],
                "low": record["low"],
                "high": record["high"],
            },
        )
        for protocol, body in asked
        for measure, record in body["metrics"].items()
    ]
