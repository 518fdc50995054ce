"""A model card, rendered from what the entry ships and from nothing else."""

from training import family
from training.cards import markdown as md
from training.cards.head import front_matter
from training.pairs import card_sections as sections
from training.pairs import card_text as text
from training.pairs import card_verdict as verdict
from training.pairs import figures
from training.pairs.shipped import Shipped

FIGURES = "figures"


def card(entry: str) -> str:
    """The model card of `entry`, of whatever family, as Markdown. Raises what reading it raises."""
    its = family.of_entry(entry)
    return its.card(its.read(entry))


def _share(shipped: Shipped) -> str:
    """How many of the pairs are listed that the probabilities were calibrated on."""
    given = shipped.protocols.get("given")
    if given is None:
        return "half"
    positives = given["positives"]
    return f"{positives / (positives + given['negatives']):.0%} (as in the data set's own split)"


def render(shipped: Shipped) -> str:
    """The card of what was read: the same files always give the same text."""
    tf, gene = shipped.example
    parts = (
        front_matter(shipped),
        f"# {shipped.entry}",
        _half_page(shipped),
        text.SCORES.format(entry=shipped.entry, tf=tf, gene=gene, share=_share(shipped)),
        text.USE,
        "## How good it is",
        sections.results(shipped),
        _pictures(shipped, "gain", "roc", "pr", "ranks"),
        "### The ladder of baselines",
        sections.ladder(shipped),
        "### Over seeds",
        sections.seeds(shipped),
        "### By gene and by regulator",
        sections.groups(shipped),
        "### Calibration",
        sections.calibration(shipped),
        _pictures(shipped, "reliability"),
        "## Known failures",
        md.items(verdict.failures(shipped)),
        "## What it was trained on",
        sections.data(shipped),
        "## What goes in and comes out",
        sections.contract(shipped.manifest),
        "## Certified parity",
        sections.parity(shipped),
        text.REPRODUCE.format(entry=shipped.entry, provenance=sections.provenance(shipped)),
        "## Changes",
        sections.changelog(shipped.manifest, shipped.run),
    )
    return "\n\n".join(part.strip() for part in parts) + "\n"


def _half_page(shipped: Shipped) -> str:
    """What it does, whether to trust it, when not; the difference to the best baseline first."""
    description = shipped.run.get("description", "")
    return "\n\n".join(
        (
            md.paragraph(verdict.first_sentence(shipped)),
            md.paragraph(f"**What it does.** {shipped.manifest.summary} {description}"),
            md.paragraph(f"**Should I trust it?** {verdict.trust(shipped)}"),
            "**When not?**\n\n" + md.items([*verdict.unseen(shipped), text.NEVER]),
        )
    )


def _pictures(shipped: Shipped, *names: str) -> str:
    """References to figures, each with its numbers in words."""
    alts = figures.alts(shipped.evaluation)
    return "\n\n".join(
        f"![{alts[name]}]({FIGURES}/{shipped.entry}/{name}.svg)"
        if name in alts
        else f"Figure `{name}`: {md.NOT_MEASURED}"
        for name in names
    )
