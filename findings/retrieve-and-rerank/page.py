"""Does retrieve-and-rerank keep two towers' speed at a cross-encoder's accuracy? On validation.

    python findings/retrieve-and-rerank/page.py --measure    # ask the shipped entries first
    python findings/retrieve-and-rerank/page.py              # only the page

What the page says of agreement and cost comes from benchmarks/results/reranking.json
(`python benchmarks/reranking.py`).
"""

import json
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from jaxtyping import Float

from training.cards import markdown as md
from training.pairs.answers import Figures, difference, rank_figures, records
from training.pairs.evaluate import Evaluation
from training.pairs.negatives import Pairs
from training.pairs.questions import Score, logits, retrieve
from training.scoring import metrics
from zoo.pairs import rerank
from zoo.pairs.candidates import Candidates
from zoo.store.files import replacing

FINDINGS = Path(__file__).parent
COSTS = FINDINGS.parents[1] / "benchmarks" / "results" / "reranking.json"
RETRIEVER, RERANKER = "two_tower-brain", "cross_encoder-brain"
K, RECALL = 10, 0.99
COLUMNS = {"mrr": "MRR", "hits@1": "hits@1", "hits@10": "hits@10", "hits@50": "hits@50"}

PAGE = """# Retrieve and rank again: speed and accuracy at once?

The seed study proposes to find candidates with two towers and to rank them again with the
cross-encoder, and leaves open whether this keeps the towers' speed at the cross-encoder's accuracy.

{answer}

## What the ranking is worth

Held-out regulators of {genes} genes of the validation split, each ranked among all regulators but
the gene's other listed ones; regulators that are no candidates stand behind those that are. 95 %
intervals over genes.

{figures}

Ranked again less each of the two alone, gene by gene:

{gaps}

## How much of the exhaustive ranking remains

Of all {all_genes} genes of the vocabulary, the share of the cross-encoder's own top {k} that comes
out the same. {candidates} candidates were chosen as the fewest for which a recall of {target} is
sure (Clopper and Pearson, 95 %) on a sample of genes, for genes with and without training edges
alike; on another sample the lower of both recalls was {recall}, at least {recall_low}. The bounds
take pairs for independent, which those of one gene are not quite.

{agreement}

Popularity is a part of either entry's logit and nearly the same in both, which is why so few
candidates are enough. Where an entry ranks by the pair-specific part alone, measure again.

## What it costs

One thread, alternating in one run; the last column is against the exhaustive ranking by parts,
which is itself {plain} times as fast as the plain graph.

{costs}

Both ways are exact enough to choose by convenience: all genes take {exhaustive_all} s exhaustively
and {reranked_all} s with candidates. `exact=True` is always there.
"""


def ranked_again(first: Score, second: Score, candidates: int, regulators: int) -> Score:
    """Scores that rank by `second` the best `candidates` of `first`, before all others.

    They are asked all regulators of one gene after the other.
    """

    def score(pairs: Pairs) -> Float[np.ndarray, "pairs"]:
        fast, slow = (each(pairs).reshape(-1, regulators) for each in (first, second))
        order = np.argsort(-fast, axis=1, kind="stable")[:, :candidates]
        lead = fast.max() - slow.min() + 1
        out = fast.astype(np.float64)
        np.put_along_axis(out, order, lead + np.take_along_axis(slow, order, 1), 1)
        return out.ravel()

    return score


def measure(stage: str = "valid") -> dict[str, Any]:
    """What results/valid.json holds: figures of the three rankings, paired differences."""
    evaluation = Evaluation(RETRIEVER, stage)
    retriever, reranker = evaluation.scorer, evaluation.open_rival(RERANKER)
    regulators = len(retriever.vocabulary.regulators)
    tfs = Candidates(np.arange(regulators), len(retriever.vocabulary))
    chosen = rerank.measure(retriever, reranker, tfs, K, RECALL)
    alone: dict[str, Score] = {RETRIEVER: logits(retriever), RERANKER: logits(reranker)}
    again = ranked_again(*alone.values(), chosen.candidates, regulators)
    tables = {
        name: retrieve(score, evaluation.data, evaluation.split, stage)
        for name, score in {"again": again, **alone}.items()
    }
    draws = metrics.Resampling.of(tables["again"]["gene"].to_numpy())
    figures: dict[str, Figures] = {
        name: rank_figures(table["rank"].to_numpy(), draws) for name, table in tables.items()
    }
    return {
        "stage": stage,
        "edges_digest": evaluation.split.edges_digest,
        "versions": {s.entry: s.manifest.version for s in (retriever, reranker)},
        "genes": int(tables["again"]["gene"].nunique()),
        "measured": chosen.record(),
        "metrics": {name: records(each) for name, each in figures.items()},
        "difference": {n: difference(figures["again"], figures[n]) for n in alone},
    }


def render(valid: dict[str, Any], costs: dict[str, Any]) -> str:
    """The page, all of whose numbers are in the two results."""
    names = {"again": "candidates, ranked again"} | {n: f"`{n}` alone" for n in valid["versions"]}
    measured, agreement, seconds = costs["measured"], costs["agreement"], costs["seconds_a_gene"]
    base, again = seconds["exhaustive, by parts"], seconds["candidates, ranked again"]
    shares = {
        "all genes": agreement["pairs"],
        "genes with training edges": agreement["pairs_seen_genes"],
        "genes without": agreement["pairs_unseen_genes"],
        f"the top {K} of `{RETRIEVER}` alone, all genes": agreement["pairs_retriever_alone"],
    }
    return PAGE.format(
        answer=md.paragraph(_answer(valid, costs)),
        genes=md.count(valid["genes"]),
        all_genes=md.count(costs["genes"]),
        k=K,
        candidates=measured["candidates"],
        target=measured["target"],
        recall=f"{measured['recall']:.2%}",
        recall_low=f"{measured['recall_low']:.2%}",
        figures=md.table(
            ("ranking", *COLUMNS.values()),
            [
                (shown, *(md.figure(valid["metrics"][name][column]) for column in COLUMNS))
                for name, shown in names.items()
            ],
        ),
        gaps=md.table(
            ("less", *COLUMNS.values()),
            [
                (names[name], *(md.difference(gaps[column]) for column in COLUMNS))
                for name, gaps in valid["difference"].items()
            ],
        ),
        agreement=md.table(
            ("of", "pairs in common"), [(name, f"{share:.2%}") for name, share in shares.items()]
        ),
        plain=f"{seconds['exhaustive, plain graph'] / base:.0f}",
        costs=md.table(
            ("way", "a gene", "to exhaustive"),
            [(name, f"{t * 1e6:.0f} us", f"{t / base:.3f}") for name, t in seconds.items()],
        ),
        exhaustive_all=f"{costs['genes'] * base:.0f}",
        reranked_all=f"{costs['genes'] * again:.1f}",
    )


def _answer(valid: dict[str, Any], costs: dict[str, Any]) -> str:
    """The first paragraph: yes or no, by the intervals."""
    gaps = {name: each["mrr"] for name, each in valid["difference"].items()}
    seconds = costs["seconds_a_gene"]
    share = seconds["candidates, ranked again"] / seconds["exhaustive, by parts"]
    kept = (
        f"**It keeps the cross-encoder's ranking**: {costs['agreement']['pairs']:.2%} of its top "
        f"{K} at {share:.1%} of the cost of its exhaustive ranking; the difference in MRR to it is "
        f"{md.difference(gaps[RERANKER])}."
    )
    own = gaps[RETRIEVER]
    if own["low"] > 0:
        gain = "is worth it: above zero"
    elif own["high"] < 0:
        gain = "is not worth it: the towers alone rank better"
    else:
        gain = "is not known to be worth it: the interval includes zero"
    return (
        f"{kept} Whether that ranking is worth having is another question. To the towers alone the "
        f"difference in MRR is {md.difference(own)}, which says that ranking again {gain}."
    )


def main(
    measure_now: Annotated[
        bool, typer.Option("--measure", help="Ask the shipped entries on validation.")
    ] = False,
    folder: Annotated[Path, typer.Option(help="Where results and page lie.")] = FINDINGS,
) -> None:
    """Write the findings page on ranking again."""
    path = folder / "results" / "valid.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    if measure_now:
        with replacing(path) as draft:
            draft.write_text(json.dumps(measure(), indent=1, sort_keys=True) + "\n")
    with replacing(folder / "README.md") as draft:
        draft.write_text(render(*(json.loads(p.read_text()) for p in (path, COSTS))))
    typer.echo(str(folder / "README.md"))


if __name__ == "__main__":
    typer.run(main)
