"""The words of a model card; every number in them is filled in from what the entry ships."""

TITLES = {
    "uniform": "pairs drawn evenly",
    "imbalance_5": "pairs drawn evenly, five negatives a positive",
    "imbalance_10": "pairs drawn evenly, ten negatives a positive",
    "imbalance_50": "pairs drawn evenly, fifty negatives a positive",
    "degree_preserving": "pairs with the same degrees",
    "within_source": "pairs rewired within the same resources",
    "cold_gene": "genes that training never saw",
    "cold_tf": "regulators that training never saw",
    "cold_both": "pairs of which training saw neither side",
    "given": "the data set's own split",
    "retrieval": "a gene's regulators among all",
    "external": "another data set's edges",
}
FIGURES = {
    "auroc": "AUROC",
    "auprc": "AUPRC",
    "auroc_per_tf": "AUROC per regulator",
    "auprc_per_tf": "AUPRC per regulator",
    "mrr": "MRR",
    "hits@1": "hits@1",
    "hits@10": "hits@10",
    "hits@50": "hits@50",
}

# The first sentence
BEATS = """\
Among {where}, `{entry}` ranks listed edges better than the best of {count} baselines, {title}: the
difference in AUROC is {gap}, {own} against {rival}."""

NO_GAIN = """\
**It is not certain that `{entry}` beats the best baseline:** among {where}, the interval of the
difference in AUROC to the best of {count} baselines, {title}, includes zero: {gap}."""

WORSE = """\
**A simple baseline does better than `{entry}`:** among {where}, the difference in AUROC to the best
of {count} baselines, {title}, is {gap}, {own} against {rival}."""

UNKNOWN = """\
**The difference in AUROC between `{entry}` and the best baseline among {where} is
[not measured]:** the data set has no such pairs."""

# Half a page that is read first
IS_BASELINE = """\
This is a baseline: it counts how often a regulator and a gene stand in the training edges and
knows nothing else. A model that is not clearly better than this one has learned how much studied
a gene is, not who regulates it."""

EASY = """\
Among pairs drawn evenly the difference is {gap}: there the best baseline, {title}, alone has
{rival}, so a high figure there says little about a pair."""

WITHIN = """\
Among pairs rewired within the same resources, where knowing which resource lists an entity does not
help either, its AUROC is {own}."""

RETRIEVAL = """\
Asked for a gene's regulators, it has a held-out one first in a share of {first} and among the first
ten in {ten}; the difference in reciprocal rank to the best baseline, {title}, is
{gap}."""

ADVICE = """\
Use it to put candidates in order for a closer look; a score is no evidence that a regulator binds
or acts."""

HELPS = """\
For {where}, it ranks better than the best baseline, {title}: AUROC {own}, difference {gap}."""

FAILS = """\
**For {where}, it is not certain to beat the best baseline**, {title} (AUROC {own}, difference
{gap}): do not rank by it there."""

FAILS_WORSE = """\
**For {where}, the best baseline does better**, {title} (AUROC {own}, difference {gap}): do not rank
by it there."""

NOT_KNOWN = """\
For {where}, the difference to the best baseline is [not measured]: the data set's split holds none
out."""

NEVER = "Never for clinical decisions, and never as evidence of binding or of an effect."

SCORES = """\
## What the scores mean

`score` is the probability that a pair is listed where {share} of the pairs asked are; among
all possible pairs far fewer are, so read it as an order, not as a rate. It is
sigmoid(`pair_specific` + `tf_popularity` + `gene_popularity`): the popularity terms say how often
either side is listed at all, `pair_specific` what the model adds for this pair.

`support` says what training knew: `both_seen`, `tf_only`, `gene_only` or `unseen`. A side that
was not seen is scored from what else the model was given about it, such as its expression.

```python
import zoo

model = zoo.load("{entry}")
model.score([("{tf}", "{gene}")])
model.regulators(["{gene}"], k=10)
```"""

USE = """\
## Intended and out-of-scope use

- Intended: ordering candidate regulators of a gene before an experiment or a closer reading; a
  prior for network inference; a rival for your own model.
- Out of scope: the sign or the strength of regulation; the network of a cell type, tissue or
  species other than that of the edges it was trained on (the data below say where edges and
  expression come from); clinical decisions."""

# The sections below
DATA = """\
{description}

Species: {species}. Tissue: {tissue}. The code is under {code}, the weights under {weights}; the
sources have licences of their own:"""

SPLIT = """\
Edges in each part (`unused`: outside the benchmark). Whole genes and regulators are held out in
the parts named cold:"""

COVERAGE = "Share that each join matched, of the rows or of the entities that it was asked for:"

RESULTS = """\
All figures are of the exported ONNX on the {stage} part of the split that the entry carries, with
{level:.0%} intervals from regulators (genes, for retrieval) drawn again {resamples:,} times; those
of a difference are paired. The best baseline is the one with the highest AUROC (MRR for retrieval)
on the same pairs in the same run, chosen with hindsight in its favour."""

LADDER = """\
Every baseline answered the same pairs in the same run. Among {where}, best first:"""

PUBLISHED = """\
As published for this split by others, and not measured here: {listed}."""

LADDER_ALL = "And the leading figure ({figures}) of each under every protocol:"

SEEDS = """\
The training was repeated with {count} seeds; mean and standard deviation on the {stage} part:"""

DEGREES = """\
By the number of training edges that the gene has (AUROC among {where}; a bin without both labels
is left out):"""

FAMILIES = "By regulator family, told by the stem of the symbol (AUROC among {where}):"

CALIBRATION = """\
Decisions at 0.5. The probabilities are those of balanced pairs; where there are more negatives,
they are corrected for the prior (logit minus the logarithm of the ratio), and the columns "as is"
say what happens without. ECE is the expected calibration error."""

STANDING = (
    "Well-studied genes score higher because they are listed more often: read `pair_specific`.",
    "Resources share sources, so a held-out edge is easier than a truly new one.",
    "An edge that is not listed may be one that nobody looked for.",
)
SAME = """\
On {where}, it is not certain to beat the best baseline, {title}: the difference is {gap}."""
SAME_WORSE = """\
On {where}, the best baseline, {title}, does better: the difference is {gap}."""
BY_DEGREE = """\
Genes with {bin} training edges: not certain to beat chance (AUROC {own})."""
BY_FAMILY = """\
Families in which it is not certain to beat chance (AUROC, with its interval): {families}."""
ABROAD = """\
On another data set's edges it is not certain to beat chance (AUROC per regulator {own})."""
SOURCES = """\
Part of its skill is knowing which resource lists an entity: AUROC is {own} among pairs with the
same degrees, and {within} where they are rewired within the same resources."""
PRIOR = """\
With {ratio:g} negatives a positive, decisions at 0.5 without correction for the prior have an
accuracy of {raw} and an F1 of {raw_f1}; corrected, {own} and {own_f1}."""
MISCALIBRATED = "Its probabilities of balanced pairs are off by {ece} on average (ECE)."

PARITY = """\
Each way to run the entry was compared with torch in float64 on batches of {batches} pairs, and in
the order of the {top} best regulators of {ranked_genes} genes. At most {tolerance:g} in probability
is allowed."""

REPRODUCE = """\
## How to make it again

```sh
zoo train {entry}
zoo export {entry}
zoo evaluate {entry} --save
zoo report {entry}
```

{provenance}"""

PROVENANCE = """\
Version {version}, seed {seed}, {parameters} parameters, trained in {seconds} s from commit
{commit}; edge table {digest}; {packages}."""

LEADERBOARD = """\
# Leaderboard

Test figures of every entry, from the exported ONNX, and of the baselines that answered the same
pairs in the same run: one table a data set, best first by its first column of figures. The gain is
the difference to the best baseline there, with its interval. All other intervals are in the cards.

{tables}
"""
