"""The words of a model card; every number in them is filled in by `training.report`."""

import textwrap
from collections.abc import Iterable, Sequence

VERDICT = """\
## Should I trust it?

{verdict}"""

IS_BASELINE = """\
This is the baseline: it counts how often a regulator and a gene stand in the training edges and
knows nothing else. A model that is not clearly better than this one has learned how much studied
a gene is, not who regulates it."""

BEATS = """\
Against pairs that have the same degrees it ranks better than the degree baseline `{rival}`: the
difference in AUROC is {gap}. Against pairs drawn evenly the difference is {easy}: there a degree
count alone has {easy_rival}. Against pairs rewired within the same resources, where knowing which
resource lists an entity does not help either, its AUROC is {within}. Use it to put candidates in
order for a closer look; a score is no evidence that a regulator binds or acts."""

NO_GAIN = """\
**No gain over a degree count is certain.** Against pairs that have the same degrees, the interval
of its difference in AUROC to `{rival}` is not above zero: {gap} (pairs drawn evenly: {easy})."""

UNSEEN_TF_HELPS = """\
For a regulator that training never saw, the AUROC against rewired pairs is {own}."""

UNSEEN_TF_FAILS = """\
**For a regulator that training never saw, no gain over a degree count is certain** (AUROC {own},
difference {gap}): do not rank such regulators with it."""

UNSEEN_TF_UNKNOWN = """\
It knows nothing of a pair, so it cannot tell the regulators of two genes apart."""

TASK = """\
## What the scores mean

{description}

`score` is the probability that a pair is listed where half of the pairs asked are; among all
possible pairs far fewer are, so read it as an order, not as a rate. It is sigmoid(`pair_specific`
+ `tf_popularity` + `gene_popularity`): the popularity terms say how often either side is listed
at all, `pair_specific` what the model adds for this pair.

`support` says what training knew: `both_seen`, `tf_only`, `gene_only` or `unseen`. A side that
was not seen is scored from its expression alone."""

USE = """\
## For what, and for what not

- For: ordering candidate regulators of a gene before an experiment or a closer reading; a prior
  for network inference; a rival for your own model.
- Not for: the sign or the strength of regulation, a cell type's own network (expression is an
  input, the edges are not specific to brain), clinical decisions, or evidence of binding.
- Known failures: well-studied genes score higher because they are listed more often. Resources
  share sources, so a held-out edge is easier than a truly new one.
- {unseen}

```python
import zoo

model = zoo.load("{entry}")
model.score([("STAT3", "GFAP")])
model.regulators(["GFAP"], k=10)
```"""

PROTOCOLS = """\
All figures are of the exported ONNX on the test part of the split that the entry carries, with
{level:.0%} intervals (regulators, for retrieval genes, drawn again {resamples:,} times).

- `uniform`: held-out edges against pairs drawn evenly, by the probability. Popularity answers
  most of it.
- `degree_preserving`: the same edges against rewired ones in which every regulator and gene
  stands as often, by the pair-specific part. Popularity is worth 0.5 here.
- `within_source`: rewired among edges of the same resources only. What is lost against
  `degree_preserving` came from knowing which resource lists an entity.
- `cold_gene`, `cold_tf`: the same for genes, and for regulators, that training never saw.
- `retrieval`: rank of a gene's held-out regulator among all regulators, its other listed ones
  left out."""

DATA = """\
Curated edges with all ids resolved to approved HGNC symbols before they were merged, and
expression profiles in 8 bits. Sources and licences:"""

SPLIT = """\
Edges in each part (`unused`: outside the benchmark, or between a gene and a regulator that are
both held out):"""

COVERAGE = """\
Share of rows (ids) and of benchmark regulators and targets (expression) that each join matched:"""

PARITY = """\
Each way to run the entry was compared with torch in float64 on batches of {batches} pairs, and in
the order of the {top} best regulators of {ranked_genes} genes. At most {tolerance:g} in
probability is allowed."""

REPRODUCE = """\
## How to make it again

```sh
zoo train {entry}
zoo export {entry}
zoo evaluate {entry} --save
zoo report {entry}
```

Version {version}, seed {seed}, {parameters} parameters, trained in {seconds} s on a CPU from
commit {commit}; edge table {digest}; {packages}."""

LEADERBOARD = """\
# Leaderboard

Test figures of every entry, from the exported ONNX; the degree baseline is a row like any other.
Intervals and differences are in the cards.

{table}
"""


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def figure(value: dict[str, float] | None) -> str:
    """A figure as 0.763 [0.741, 0.784], or a dash."""
    if value is None:
        return "-"
    return f"{value['value']:.3f} [{value['low']:.3f}, {value['high']:.3f}]"


def paragraph(words: str) -> str:
    """One paragraph in lines of at most 98 characters, so that a card reads well as text."""
    return textwrap.fill(
        " ".join(words.split()), 98, break_long_words=False, break_on_hyphens=False
    )


def item(words: str) -> str:
    """The words of a list item, wrapped likewise and indented below its dash."""
    return paragraph(words).replace("\n", "\n  ")


def tiny(value: float | None) -> str:
    """A small number as 1.2e-07, or a dash."""
    return "-" if value is None else f"{value:.1e}"
