"""What a screen answers: the first sets as columns, and how far they are to be trusted."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64, Int64

from contracts.manifest import Manifest
from contracts.sets.kinds import JOINT, pack
from zoo.perturbations.composition import Composed, Head, compose_block
from zoo.perturbations.predictions import Predicted
from zoo.perturbations.screening import Genes, Ranking, Screen, best_sets
from zoo.results import Columns
from zoo.sets.members import Sets

MEMBERS = "abc"
"""The members of a set, as names of columns tell them apart."""

NUMBERS = ("fitness", "gene_interaction", "expectation")
WORDS = ("expectation_basis", "support")

_TAU = "random/pearson_tau"
"""How the metrics of tau on triples drawn at random begin."""

Values = Float64[np.ndarray, "sets"]


@dataclass(frozen=True)
class Question:
    """What a person asks, checked; `doubts` are sentences about what the answer will be worth."""

    screen: Screen
    ranking: Ranking
    doubts: tuple[str, ...]


@dataclass(frozen=True)
class Answer:
    """The first sets as columns, and further sentences about what they are worth."""

    columns: Columns
    doubts: tuple[str, ...]


def answered(
    asked: Question,
    terms: Head,
    predict: Callable[[Sets], Predicted],
    progress: Callable[[int], object] | None = None,
) -> Answer:
    """Go through all sets by their `terms`, and list the first as `predict` shows them."""
    rank, order, spread = asked.ranking, asked.screen.order, _Spread()

    def values(genes: Genes) -> Values:
        codes = pack(genes)
        if rank.by == "fitness" or order <= 2:
            return spread.see(rank.of(compose_block(codes, terms)))
        interaction, expectation = terms(codes)
        return spread.see(rank.of(Composed(expectation, interaction, expectation)))

    genes = best_sets(asked.screen, rank.top, values, progress)
    predicted = predict(Sets(pack(genes.ravel()), np.full(len(genes), order)))
    columns = _columns(genes, asked.screen.given, predicted, rank)
    alike = asked.screen.total > 1 and spread.low == spread.high
    return Answer(columns, _doubts_after(columns, asked) if alike else ())


def doubts_before(manifest: Manifest, order: int, by: str) -> tuple[str, ...]:
    """What is to be known of a ranking before it is made: how well tau was predicted in the test.

    The figure is the entry's own, of triples drawn at random.
    """
    if (order, by) != (3, "gene_interaction"):
        return ()
    name = next((one for one in sorted(manifest.metrics) if one.startswith(_TAU)), None)
    tested = "it is not known how well it is predicted"
    if name is not None:
        tested = (
            f"its correlation with what was measured is {manifest.metrics[name]:.3f}, where 0 is "
            f"chance (`zoo card {manifest.entry}`, {name})"
        )
    told = f"This ranks triples by tau (gene_interaction with order=3): for {manifest.entry}"
    return (f"{told} {tested}. Rank them by fitness instead: by='fitness'.",)


def _doubts_after(columns: Columns, asked: Question) -> tuple[str, ...]:
    """What is to be known of sets that are all alike."""
    by = asked.ranking.by
    instead = "" if by == "fitness" else " Rank them by fitness instead: by='fitness'."
    value = float(next(iter(columns[by]))) + 0.0  # -0 is 0
    told = f"All {asked.screen.total:,} sets have the same {by}, {value:g}: they stand in order of "
    return (f"{told}their names.{instead}",)


@dataclass
class _Spread:
    """The lowest and the highest of the values seen."""

    low: float = np.inf
    high: float = -np.inf

    def see(self, values: Values) -> Values:
        """Note the values, and hand them on."""
        self.low = min(self.low, values.min(initial=np.inf))
        self.high = max(self.high, values.max(initial=-np.inf))
        return values


def _columns(
    genes: Genes, given: Int64[np.ndarray, "given"], predicted: Predicted, rank: Ranking
) -> Columns:
    """What a screen lists, in the order of the numbers that it shows, ties by position."""
    place = np.lexsort((*genes.T[::-1], rank.of(predicted.composed)))
    columns = predicted.columns()
    others = genes[place][~np.isin(genes[place], given)].reshape(len(place), -1)
    fixed = {
        title: [JOINT.join(words[gene] for gene in given.tolist())] * len(place)
        for title, words in (("given", predicted.symbols), ("given_names", predicted.names))
        if len(given)
    }
    members = {
        f"{what}_{letter}": [words[gene] for gene in others[:, number].tolist()]
        for what, words in (("gene", predicted.symbols), ("name", predicted.names))
        for number, letter in enumerate(MEMBERS[: others.shape[1]])
    }
    numbers = {name: np.asarray(columns[name])[place] for name in NUMBERS}
    words = {name: np.asarray(columns[name])[place].tolist() for name in WORDS}
    return {"rank": np.arange(1, len(genes) + 1), **fixed, **members, **numbers, **words}
