"""Does retrieve-and-rerank have two towers' speed at a cross-encoder's accuracy? On validation.

    zoo reproduce retrieve-and-rerank --measure    # measure the shipped entries first
    zoo reproduce retrieve-and-rerank              # only the page

What the page says of agreement and cost comes from benchmarks/results/reranking.json
(`python benchmarks/reranking.py`).
"""

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from jaxtyping import Float

from training import finding
from training.cards.render import interval, render
from training.pairs.answers import Score, logits
from training.pairs.answers import ranks as ranked
from training.pairs.negatives import Pairs
from training.pairs.questions import questions
from training.scoring.bootstrap import coded
from training.scoring.contest import Contest
from training.scoring.observe import observe
from zoo.pairs import rerank
from zoo.pairs.candidates import Candidates

FINDINGS = Path(__file__).parent
COSTS = FINDINGS.parents[1] / "benchmarks" / "results" / "reranking.json"
RETRIEVER, RERANKER, AGAIN = "two_tower-brain", "cross_encoder-brain", "again"
K, RECALL = 10, 0.99
COLUMNS = {"mrr": "MRR", "hits@1": "hits@1", "hits@10": "hits@10", "hits@50": "hits@50"}


def ranked_again(first: Score, second: Score, candidates: int, regulators: int) -> Score:
    """Scores that rank by `second` the best `candidates` of `first`, before all others.

    The pairs are all regulators of one gene after the other.
    """

    def score(pairs: Pairs) -> Float[np.ndarray, "pairs"]:
        fast, slow = (each(pairs).reshape(-1, regulators) for each in (first, second))
        order = np.argsort(-fast, axis=1, kind="stable")[:, :candidates]
        lead = fast.max() - slow.min() + 1
        out = fast.astype(np.float64)
        np.put_along_axis(out, order, lead + np.take_along_axis(slow, order, 1), 1)
        return out.ravel()

    return score


def measure(
    retriever: str = RETRIEVER, reranker: str = RERANKER, stage: str = "valid"
) -> dict[str, Any]:
    """What results/valid.json holds: figures of the three rankings, paired differences."""
    contest = Contest.open(retriever, stage)
    ground, first, second = contest.ground, contest.scorer, contest.open_rival(reranker)
    regulators = len(first.vocabulary.regulators)
    tfs = Candidates(np.arange(regulators), len(first.vocabulary))
    chosen = rerank.measure(first, second, tfs, K, RECALL)
    alone: dict[str, Score] = {retriever: logits(first), reranker: logits(second)}
    again = ranked_again(*alone.values(), chosen.candidates, regulators)
    (question,) = questions(ground, "retrieval")
    tables = {
        name: ranked(score, ground.data, question.rows)
        for name, score in {AGAIN: again, **alone}.items()
    }
    ranks = {name: table["rank"].to_numpy() for name, table in tables.items()}
    genes = tables[AGAIN]["gene"]
    question = replace(question, units=coded(genes.to_numpy()))
    metrics: dict[str, Any] = {name: {} for name in ranks}
    gaps: dict[str, Any] = {name: {} for name in alone}
    for row in observe(question, ranks, stage):
        model, name = row["model"], row["measure"]
        metrics[model][name] = {each: row[each] for each in ("value", "low", "high")}
        if model in gaps:
            gaps[model][name] = {
                "value": row["gap"],
                "low": row["gap_low"],
                "high": row["gap_high"],
            }
    return {
        "stage": stage,
        "edges_digest": ground.split.digest,
        "versions": {s.entry: s.manifest.version for s in (first, second)},
        "genes": int(genes.nunique()),
        "measured": chosen.record(),
        "metrics": metrics,
        "difference": gaps,
    }


def page(valid: dict[str, Any], costs: dict[str, Any]) -> str:
    """The page, all of whose numbers are in the two results."""
    names = {AGAIN: "candidates, ranked again"} | {n: f"`{n}` alone" for n in valid["versions"]}
    metrics, gaps, seconds = valid["metrics"], valid["difference"], costs["seconds_a_gene"]
    base = seconds["exhaustive, by parts"]
    return render(
        FINDINGS / "README.md.j2",
        valid=valid,
        k=K,
        retriever=RETRIEVER,
        to_retriever=gaps[RETRIEVER]["mrr"],
        to_reranker=gaps[RERANKER]["mrr"],
        genes=costs["genes"],
        measured=costs["measured"],
        agreement=costs["agreement"],
        seconds=seconds,
        columns=list(COLUMNS.values()),
        figures=[
            (shown, *(interval(metrics[name][each]) for each in COLUMNS))
            for name, shown in names.items()
        ],
        gaps=[
            (names[name], *(interval(gap[each], "+.3f") for each in COLUMNS))
            for name, gap in gaps.items()
        ],
        costs=[(name, f"{t * 1e6:.0f} us", f"{t / base:.3f}") for name, t in seconds.items()],
    )


def main(
    measure_now: Annotated[
        bool, typer.Option("--measure", help="Measure the shipped entries on validation.")
    ] = False,
    folder: finding.Folder = FINDINGS,
) -> None:
    """Write the findings page on ranking again."""
    path = folder / "results" / "valid.json"
    if measure_now:
        finding.save(path, measure())
    typer.echo(str(finding.publish(folder, page(*map(finding.read, (path, COSTS))))))


if __name__ == "__main__":
    typer.run(main)
