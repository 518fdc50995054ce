"""Which genes are used, and how variable they are, against loops in pandas."""

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from tests.training.cells import toy
from training.cells.genes import BINS, SEEN, choose, variability
from training.cells.vectors import GeneVectors, make


def counts(cells: int = 80, genes: int = 200) -> np.ndarray:
    rng = np.random.default_rng(0)
    rate = np.exp(rng.normal(0, 1.5, genes)) * rng.gamma(1, 1, (cells, genes))
    drawn = rng.poisson(rate).astype(np.float32)
    drawn[:, 0] = 0
    drawn[:, 1] = np.arange(cells) < SEEN - 1
    drawn[:, 2] = np.arange(cells) < SEEN
    return drawn


def naive(drawn: np.ndarray) -> list[float]:
    """Gene by gene."""
    parts = pd.DataFrame(drawn.astype(np.float64)).apply(
        lambda cell: 1e4 * cell / cell.sum(), axis=1
    )
    seen = [gene for gene in parts if (parts[gene] > 0).sum() >= SEEN]
    mean = {gene: np.log(1 + parts[gene].mean()) for gene in seen}
    dispersion = {gene: np.log(parts[gene].var(ddof=0) / parts[gene].mean()) for gene in seen}
    edges = np.quantile(list(mean.values()), np.linspace(0, 1, BINS + 1))
    place = {gene: max(int(np.searchsorted(edges, mean[gene], "left")), 1) for gene in seen}
    scores = [-np.inf] * drawn.shape[1]
    for gene in seen:
        like = [dispersion[other] for other in seen if place[other] == place[gene]]
        scores[gene] = (dispersion[gene] - np.mean(like)) / np.std(like, ddof=1)
    return scores


def test_variability_is_that_of_a_loop_over_genes():
    drawn = counts()
    got, expected = variability(sparse.csr_array(drawn)), np.array(naive(drawn))
    assert np.isneginf(got[:2]).all()
    assert np.isfinite(got[2])
    finite = np.isfinite(expected)
    assert finite.tolist() == np.isfinite(got).tolist()
    np.testing.assert_allclose(got[finite], expected[finite], rtol=1e-3, atol=1e-4)


def test_variability_does_not_depend_on_the_counts_of_a_cell():
    drawn = counts()
    scaled = drawn * np.arange(1, len(drawn) + 1, dtype=np.float32)[:, None]
    one, other = (variability(sparse.csr_array(each)) for each in (drawn, scaled))
    np.testing.assert_allclose(one, other, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize(("total", "paired"), [(20, 12), (30, 0), (40, 36), (100, 100), (10, 36)])
def test_up_to_so_many_genes_are_chosen_and_so_many_with_a_partner(total: int, paired: int):
    job = toy.job(wanted=toy.chosen(objective={"genes": total, "paired_genes": paired}))
    chosen, data = job.chosen, job.data
    known = {tuple(row) for row in job.vectors.partners("human", "mouse").tolist()}
    pairs = [
        tuple(int(chosen.genes[s][place]) for s, place in zip(data.species, row, strict=True))
        for row in chosen.partners.tolist()
    ]
    assert len(pairs) == len(set(pairs)) <= paired
    assert set(pairs) <= known
    for species, genes in chosen.genes.items():
        assert len(set(genes.tolist())) == len(genes) <= max(total, len(pairs))
        symbols = [data.species[species].genes[gene] for gene in genes.tolist()]
        assert symbols == sorted(symbols)
    if total < 40:
        assert len(chosen.genes["human"]) == total
        assert len(pairs) == min(paired, total)


def test_pairs_are_those_of_which_one_gene_varies_most_and_others_vary_most():
    job = toy.job(wanted=toy.chosen(objective={"genes": 20, "paired_genes": 12}))
    data, chosen = job.data, job.chosen
    score = {s: variability(one.counts[job.seen[s]]) for s, one in data.species.items()}
    rank = {s: (-each).argsort(kind="stable").argsort() for s, each in score.items()}
    partners = [
        (human, mouse)
        for human, mouse in job.vectors.partners("human", "mouse").tolist()
        if np.isfinite([score["human"][human], score["mouse"][mouse]]).all()
    ]
    best = sorted(partners, key=lambda pair: min(rank["human"][pair[0]], rank["mouse"][pair[1]]))
    for number, (species, genes) in enumerate(chosen.genes.items()):
        inside = {pair[number] for pair in best[:12]}
        order = np.argsort(-score[species], kind="stable").tolist()
        others = [gene for gene in order if gene not in inside]
        assert set(genes.tolist()) == inside | set(others[:8])


def test_only_the_cells_that_are_seen_are_looked_at():
    data, job = toy.data(), toy.job()
    fewer = {species: rows[::2] for species, rows in job.seen.items()}
    one = choose(data, fewer, job.vectors, 10, 4)
    other = choose(data, job.seen, job.vectors, 10, 4)
    assert any(one.genes[s].tolist() != other.genes[s].tolist() for s in data.species)


def test_a_gene_without_a_vector_is_not_used():
    data, job = toy.data(), toy.job()
    made = make("random", data, 0)
    made.vectors["human"][:10] = 0
    vectors = GeneVectors.of("", made.vectors)
    chosen = choose(data, job.seen, vectors, 100, 10)
    assert chosen.genes["human"].min() >= 10
    assert chosen.genes["mouse"].min() == 0
