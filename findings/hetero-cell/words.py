"""The words of HeteroCell's findings page; every number in them is filled in from results."""

TITLE = """\
# HeteroCell: what a graph of the cell adds, and what it does not

`{entry}` encodes a graph of genes and reactions with and without the deleted genes, and predicts
from how far the deletions move it: from z_p, the difference between the encodings of both cells
([card](../../model_cards/{entry}.md)). The rivals know less
biology: pairs of gene vectors, or a transformer that encodes the wildtype alone. This page says
where these are better, and what our figures show of why."""

COMPARED = "## Beside its rivals"
TABLE = """\
Pearson correlation with epsilon that nobody selected (`{source}`) on the test sets of each
protocol, with {level:.0%} intervals of {resamples:,} bootstraps over genes:"""
GAPS = "`{entry}` less each of the others, on the same sets and bootstraps:"

WHY = "## Why"
WHY_TEXT = """\
Four measurements, none of them a proof: trainings without a part of it, on validation; what the
graph has of the test pairs; what a pair's encoding has beyond its single deletions; and
how alike layers make the genes. The model needs one relation at least, so that it was never trained
without all of them: what comes nearest to that are the MLPs on pairs of gene vectors."""

ABLATIONS = "### What each part is worth"
NO_MEMBERS = """\
Of its head alone: without the products of what single deletions move (`{name}`), the mean of both
validation parts changes by {gap}{against}."""
AGAINST = ", where seeds lie {spread} apart"

COVERAGE = "### What the graph has of these pairs"
SHARES = """\
Shares of the headline source's test pairs, counted without their labels, in the graph that the
model sees. Where the share with a reaction is small, metabolism can do little for the figure; a
pair without an edge or a common neighbour is to one layer nearly two single deletions: only the
pool's weights know of both."""
TOUCHED = {
    "reaction": "a gene in a reaction node",
    "reaction_beyond_singles": "loses a reaction that neither deletion loses alone",
    "physical_edge": "a physical edge between them",
    "common_neighbour": "a common physical neighbour",
    "edge_or_neighbour": "an edge or a common neighbour",
    "regulatory_edge": "one regulates the other",
    "common_target": "both regulate a gene",
}

BEYOND = "### What z_p of a pair has beyond its single deletions"
BEYOND_TEXT = """\
An interaction is what two deletions do beyond what each does alone. Of z_p of a validation pair,
{median} (median; a tenth of the pairs is below {low}, a tenth above {high}) is not the sum of
z_p of both single deletions: |z_p(ab) - z_p(a) - z_p(b)| / |z_p(ab)|. {verdict}"""
MOSTLY_SUM = """\
So in its first step the encoding is nearly additive, and interactions are left to the head, which
then is an MLP on pairs of vectors as its rivals are."""
NOT_SUM = "So a good part of the encoding of a pair is of both deletions together."
BEYOND_HEAD = ("pairs", "count", "median", "a tenth is below", "a tenth is above")
WHICH = {
    "all": "all",
    "edge_or_neighbour": "with an edge or a common neighbour",
    "apart": "without",
}

DISTANCE = "### How alike layers make the genes"
DISTANCES = """\
Mean distance between two nodes of a kind before the first layer (depth 0) and after each, at the
best epoch. Layers that made all nodes alike (oversmoothing) would bring it towards zero:"""

AGAIN = """\
## Again

```sh
python -m training.sweep.ablations {entry}      # a GPU for those of depth and of gpu
python findings/hetero-cell/page.py --measure
python findings/hetero-cell/page.py       # only this page
```

`training/recipes/ablations/{entry}.toml` names the trainings. Records {records}."""
