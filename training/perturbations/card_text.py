"""The words of a perturbation entry's card; every number is filled in from what the entry ships."""

# The first sentence
BEATS = """\
On {where}, `{entry}` predicts interactions better than the best of {count} rivals, {title}: the
difference in Pearson correlation is {gap}, {own} against {rival} (epsilon that nobody selected,
`{source}`)."""

NO_GAIN = """\
**It is not certain that `{entry}` beats the best rival:** on {where}, the interval of the
difference in Pearson correlation to the best of {count} rivals, {title}, includes zero: {gap},
{own} against {rival} (epsilon, `{source}`)."""

WORSE = """\
**A simpler rival does better than `{entry}`:** on {where}, the difference in Pearson correlation to
the best of {count} rivals, {title}, is {gap}, {own} against {rival} (epsilon, `{source}`)."""

NO_INTERACTION = """\
**`{entry}` predicts no interaction:** it gives every set of genes the same, so that nothing
correlates; on {where}, the best of {count} rivals, {title}, has {rival} (Pearson, epsilon,
`{source}`)."""

UNKNOWN = """\
**The difference in Pearson correlation between `{entry}` and its best rival on interactions that
nobody selected is [not measured].**"""

# Half a page that is read first
IS_BASELINE = """\
This is a baseline, which is there to be compared with: a model that is not clearly better than
this one has learned how much single genes weigh, not which genes interact."""

HARDER = """\
On {where} its correlation with epsilon is {own} (difference to the best rival, {title}: {gap})."""

TAU = """\
Of triples (tau, `{source}`), on {where}, it is {own}."""

FITNESS = """\
Fitness, as measured in `{source}`, it predicts with a correlation of {own} on {where}, where the
multiplicative model has {product}, and the best rival, {title}, {rival} (difference {gap})."""

NOT_SELECTED = """\
Figures of the selected source stand apart below: its pairs were published because they interact,
and say little about any other pair."""

ADVICE = """\
Use it to put candidates in order for a cross that you would make anyway; a predicted interaction
is no measurement."""

HELPS = """\
For {where}, it predicts epsilon better than the best rival, {title}: Pearson {own}, difference
{gap}."""

FAILS = """\
**For {where}, it is not certain to beat the best rival**, {title} (epsilon, Pearson {own},
difference {gap})."""

FAILS_WORSE = """\
**For {where}, the best rival does better**, {title} (epsilon, Pearson {own}, difference {gap})."""

THE_SAME = """\
It predicts the same interaction whatever the genes."""

THE_SAME_HERE = """\
For {where}, it predicts the same interaction whatever the genes."""

NOT_KNOWN = """\
For {where}, epsilon that nobody selected is [not measured]."""

UNSEEN_GENES = """\
{unseen} of its {genes} genes stand in no training record of several genes (`support` says so): what
is predicted of them rests on networks and single fitness alone, if on anything."""

KINDS = """\
Training had only genes that are {seen}. What is predicted for {unseen} was never compared with a
measurement."""

UNMEASURED = """\
For {unmeasured} of its {genes} genes no deletion strain was measured alone. Among them are
essential genes, which the screens know through temperature-sensitive or other alleles: for these,
`absent` means such an allele, not a deletion that grows."""

ORDERS = """\
Sets of four and more genes are composed of pairs and triples: nothing of a higher order was
measured. Their `gene_interaction` is fitness minus the product of single fitness, which is no
interaction of that order."""

NEVER = "Never for clinical decisions, and never as evidence that two genes act together."

MEANING = """\
## What the numbers mean

`fitness` is growth relative to the wildtype, which has 1. `expectation` is the product of the
fitness of the single mutants, what would be expected if the genes did not interact, and
`gene_interaction` what is predicted beyond it: epsilon for two genes (fitness minus expectation),
tau for three, with the pairs inside taken off (Kuzmin 2018). Fitness is composed of these, so that
the two always agree; it is not clipped. `support` says whether all, some or none of the genes had
training records.

```python
import zoo

model = zoo.load("{entry}")
model.predict([["{first}", "{second}"]])
model.screen(order=2, top=10, given=["{first}"])
```"""

USE = """\
## Intended and out-of-scope use

- Intended: ordering double and triple deletions before an experiment; a prior for the analysis of
  a screen; a rival for your own model.
- Out of scope: alleles other than deletions; growth conditions other than those of the screens
  (the data below say where they come from); other species; clinical decisions."""

# The sections below
RESULTS = """\
All figures are of the exported ONNX on the {stage} part of the split that the entry carries. The
{level:.0%} intervals are of {resamples:,} bootstraps over genes, where a set weighs the product of
its genes' counts and a query that stands in more than half of the sets is never drawn away; those
of a difference are paired. The best rival is the one that does best in the same measure on the
same sets in the same run, chosen with hindsight in its favour. A dash stands where a figure would
mean nothing: predictions that are all the same have no correlation. Sources are never pooled, and
genes that a protocol holds out are new to every source that it asks. Precision is the share, among
the {lowest:.0%} of sets predicted lowest, of those that are among the {lowest:.0%} measured lowest;
of sets in any order it is {lowest:.0%}. Which sets are lowest is decided once and not again in each
bootstrap, and where they are only a few it is not given."""

ONE_QUERY = """\
`query_disjoint` holds out the query strain of one gene, {query}: {shares}. Its intervals are of the
other genes drawn again: they speak for this query alone, not for new queries at large."""
ONE_SHARE = "{share:.1%} of the sets of `{source}`"
ONE_SHARE_WITH = "{share:.1%} of the sets of `{source}` (with {others})"

LOWER = """\
**{measures} lower than the Pearson correlation suggests:** on {where}, Pearson is {pearson},
Spearman {spearman}; precision at {lowest:.0%} is {precision}."""

HEADLINE = """\
### Epsilon that nobody selected

Pairs that were published whether they interact or not. This is the only source by which epsilon is
headlined:"""

TRIPLES = """\
### Trigenic interactions

Tau of triples:"""

OTHERS = """\
### Other screens

Epsilon of a few query strains, and S-scores. The entry has one interaction for pairs, epsilon;
S-scores are another quantity, so it is asked for their order alone and no error is given:"""

SELECTED = """\
### Selected epsilon

These pairs are **selected**: they were published because they interact. A figure here says nothing
of pairs at large and is not to be set beside those above:"""

FITNESS_HEAD = """\
### Fitness

Fitness of several deletions as it was measured, beside the multiplicative model, which knows single
mutants and no interaction:"""

COMPLETE = """\
The last columns are of the sets of which every single mutant was measured: for a gene without, the
multiplicative model has but the average, so that any model which learns that gene's fitness is
ahead of it."""

FROM_UNMEASURED = """\
Most of the gain over the multiplicative model in `{source}`, on {where}, is of sets with a gene
whose single mutant was not measured: the difference is {gap} over all {sets} sets, and {there} on
the {complete} without such a gene."""

INTERACTIONS_ADD = """\
In `{source}`, on {where}, its own single fitness multiplied, without any interaction, has
{product}: what its interactions add is {gap}."""

NOT_ONLY_UNMEASURED = """\
The gain over the multiplicative model in `{source}`, on {where}, is not only of sets with a gene
whose single mutant was not measured: the difference is {gap} over all {sets} sets, and {there} on
the {complete} without such a gene."""

DERIVED = """\
Fitness that was derived and not measured: epsilon plus the product of single fitness. Here the
multiplicative model is circular, as its prediction is part of the label, and every model that
composes fitness of that product has the same advantage:"""

LADDER = """\
Every rival answered the same sets in the same run: rules and networks that are fitted to the same
training records, and simpler entries of the zoo. Epsilon of `{source}` on {where}, best first:"""

LADDER_ALL = "And the Pearson correlation of each with epsilon of `{source}` under every protocol:"

LADDER_FITNESS = """\
And with measured fitness of several deletions, and (circular where so marked) with derived:"""

SEEDS = """\
The training was repeated with {count} seeds; mean and standard deviation on the {stage} part. The
intervals of this card are of the weights that ship: how much a seed changes is not in them."""

ONE_SEED = """\
All figures are of one seed ({seed}). The spread over seeds is [not measured], and it is not in the
intervals."""

NO_SEED = "Nothing is drawn at random in this training: every seed gives the same model."

ATTENTION = """\
Some attention heads were trained to look along a network's edges. AUROC of attention for a gene's
neighbours among all genes (0.5 is chance), and the divergence of attention from the network's rows
(KL, in nats), with that regularisation and in the same training without it; and the divergence of
attention that is the same for all genes:"""

WORTH = """\
What that is worth: Pearson correlation with unselected epsilon on the validation parts, at the best
epoch of either training. {verdict}"""
WORTH_NOTHING = "**The regularisation brought no gain to speak of**: {listed}."
WORTH_SOME = "The difference that the regularisation made, in one training each: {listed}."
WORTH_ONE = "{change} on `{part}`"

DATA = """\
{description}

Species: {species}. Tissue: {tissue}. The code is under {code}, the weights under {weights}; the
sources have licences of their own:"""

PROFILES = """\
Of its {features} features of a gene, {profiles} are profiles: they are made of the interactions of
the training records, which are what is to be predicted. So no figure of this entry is evidence of
what networks alone tell."""

SPLIT = """\
Records in each part. A gene set has one part in all its records, whatever the source; `unused` are
sets in which held-out genes meet that one protocol cannot answer; a set with an unseen gene is in
`unseen_test` also where its other gene is new to the headline source:"""

COVERAGE = "Share that each join matched, of the names or of the edges that it was asked for:"

PARITY = """\
Each way to run the entry was compared with torch in float64 on batches of {batches} sets, and in
the order of the {top} lowest interactions of {ranked_genes} genes. At most {tolerance:g} is
allowed."""

PROVENANCE = """\
Version {version}, seed {seed}, {parameters} parameters, trained in {seconds} s from commit
{commit}; records {digest}; {packages}."""

# Known failures
CHANCE = """\
It is not certain to be better than chance at (Pearson correlation in brackets): {listed}."""
NO_SKILL = """\
{quantity} of `{source}` on {where} ({own})"""
BELOW = """\
{quantity} of `{source}`, on {where}: the multiplicative model does better, difference {gap}."""
NOT_BETTER = """\
{quantity} of `{source}`, on {where}: the best rival, {title}, does better, difference {gap}."""
STANDING = (
    "Part of every measured interaction is noise of its screen, which nothing can predict.",
    "Everything was measured in a few strains and media; in others genes interact otherwise.",
)
