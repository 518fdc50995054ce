"""Retrieve and re-rank against exhaustive scoring: agreement on every gene, and what either costs.

Run it with `make bench` or `python benchmarks/reranking.py`.
"""

import numpy as np
import typer
from measure import alternate, blas_threads
from page import save

import zoo
from zoo.pairs import rerank
from zoo.pairs.candidates import Candidates

RETRIEVER, RERANKER = "two_tower-brain", "cross_encoder-brain"
K, RECALL, TIMED, PLAIN = 10, 0.99, 2000, 20


def main(seconds: float = 20.0) -> None:
    """Measure, print, write results/reranking.json."""
    retriever, reranker = (zoo.load(entry, device="cpu") for entry in (RETRIEVER, RERANKER))
    tfs = Candidates(np.arange(len(retriever.vocabulary.regulators)), len(retriever.vocabulary))
    everyone = np.arange(len(retriever.vocabulary))
    chosen = rerank.measure(retriever, reranker, tfs, K, RECALL)

    def again(genes: np.ndarray) -> np.ndarray:
        candidates = rerank.top(retriever, tfs, genes, chosen.candidates)
        return rerank.rerank(reranker, tfs, genes, candidates, K)

    truth, got = rerank.top(reranker, tfs, everyone, K), again(everyone)
    alone = rerank.top(retriever, tfs, everyone, K)
    seen = reranker.gene_edges > 0

    def shared(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        return (a[:, :, None] == b[:, None]).any(2)

    some = np.sort(np.random.default_rng(0).choice(everyone, TIMED, replace=False))
    few = some[:PLAIN]
    everybody = np.tile(tfs.tfs, PLAIN)
    engines = {
        "candidates alone": lambda: rerank.top(retriever, tfs, some, K),
        "candidates, ranked again": lambda: again(some),
        "exhaustive, by parts": lambda: rerank.top(reranker, tfs, some, K),
        "exhaustive, plain graph": lambda: reranker.terms(everybody, np.repeat(few, len(tfs))),
    }
    with blas_threads(1):
        spent = alternate(engines, seconds)
    cost = {n: t / (PLAIN if "plain" in n else TIMED) for n, t in spent.items()}
    agreement = {
        "pairs": float(shared(truth, got).mean()),
        "pairs_seen_genes": float(shared(truth, got)[seen].mean()),
        "pairs_unseen_genes": float(shared(truth, got)[~seen].mean()),
        "same_order": float((truth == got).all(1).mean()),
        "pairs_retriever_alone": float(shared(truth, alone).mean()),
    }
    record = {"measured": chosen.record(), "agreement": agreement, "seconds_a_gene": cost}
    save("reranking", {**record, "genes": len(everyone), "regulators": len(tfs)})


if __name__ == "__main__":
    typer.run(main)
