"""The words of the findings page; every number in them is filled in from results."""

SMOKE = "**A smoke test with small settings. None of this belongs in the table.**"

TITLE = """\
# Modular versus monolithic: the seed study, run again

The study (*Modular vs Monolithic Architectures for GRN Edge Prediction: Gradient Stability Analysis
and a Controlled Cross-Architecture Comparison*) compares two networks of 5.58 million parameters on
47,388 pairs of a regulator and a gene: two towers whose vectors meet in a dot product, and a
cross-encoder that sees both sides at once. {done} of {total} runs are in; what was not run says so.
This page is written by

```sh
zoo reproduce modular-vs-monolithic            # goes on where it was stopped
zoo reproduce modular-vs-monolithic --render   # only this page
```

## Its claims"""

TABLE = """\
## The table

Test pairs are 1:1 whatever the training ratio. Ours: mean ± standard deviation over the seeds that
were run (of {seeds}). Intervals: 95 % bootstrap over test pairs of the seed with the best
validation accuracy, as in the study. "Last epoch" is where the study's code stopped; "best epoch"
is the one with the highest validation AUROC of the same run. AUROC is of the probability in single
precision, as the study took it (ties count half); "by logit" ranks by the number before the
sigmoid, which does not saturate."""

TABLE_HEAD = (
    "network",
    "training",
    "weights of",
    "seeds",
    "accuracy, published",
    "accuracy, ours",
    "interval",
    "F1, published",
    "F1, ours",
    "AUROC, published",
    "AUROC, ours",
    "interval",
    "AUROC by logit",
)

RIVALS = """\
## The same test set without a network

Positives come from two resources that name genes differently, and an edge has both of its names
from one of them; a pair drawn evenly often does not."""

RIVALS_HEAD = ("rule", "accuracy", "F1", "AUROC")

RIVAL_NAMES = {
    "namespace_rule": "both names of one kind (nothing fitted)",
    "degree_product": "training degrees of both sides, multiplied",
    "degree_logistic": "logistic regression on four degree counts and the kinds of names",
}

GRADIENTS = """\
## The three gradient failures

The two towers at 1:1, seed {seed}, with one switch of `training/reproduce/gradients.py` at a time
and with all three. Norms are of the whole gradient before clipping; saturated are the test pairs
whose probability is exactly 0 or 1."""

GRADIENTS_HEAD = (
    "failure",
    "training accuracy, end",
    "test accuracy",
    "test AUROC",
    "AUROC, best epoch",
    "median norm, first epoch",
    "median norm, last epoch",
    "largest norm",
    "batches clipped",
    "saturated",
    "epochs",
)

PRIOR = """\
## The correction for the prior

Trained with r negatives for each positive and tested at 1:1, the logit is too low by ln r. Adding
it changes no rank."""

PRIOR_HEAD = (
    "network",
    "training",
    "weights of",
    "seeds",
    "accuracy at one half",
    "accuracy after + ln r",
    "AUROC by logit",
    "test negatives seen as training negatives",
)

METHOD = """\
## What is as it was, and what is not

- The study's own merged prior: 1,164 regulators, 7,664 genes, 23,694 edges, UniProt accessions
  beside symbols. Negatives are drawn evenly over all regulators and genes, edges left out, repeats
  allowed; 70/15/15, cut once with seed 42; the five seeds change the network and the order of
  batches only. At r:1 the training negatives are drawn anew over all pairs, so that some held-out
  negatives are among them. The random numbers are numpy's and torch's: the study's draws can't be
  had again.
- Expression was joined by name to Ensembl ids, which no name here is. Both networks keep their
  eleven inputs a side, and all of them are zero.
- Both networks have the published parameter counts (a test holds them to 5,581,824 and
  5,581,313). Embeddings start at a deviation of 0.01 (towers) and 0.1 (cross-encoder), layers
  evenly within the root of 2 / inputs, as in the public code; the dot product is not brought to
  cosines.
- Adam 0.001, batch 256, norm clipped at 5.0 for both (the report's number; the public code clips
  the cross-encoder at 1.0), 60 epochs. Stopping as in the public code: the towers' rule can't fire
  within 60 epochs; the cross-encoder stops after three looks, five epochs apart, without a gain in
  validation accuracy. The study scores the weights at that point ("last epoch"). Keeping the best
  epoch needs no second run.
- "Gradient replaced by the activation" is our reading of the second failure: the public code of
  the time called the hidden layer's backward pass with its two arguments exchanged.
- For speed only: embedding gradients are added up from the rows that a batch touches, then given
  to the ordinary dense Adam; numbers below 1e-38 count as zero; a run ends early when no gradient
  of an epoch exceeds 1e-12, from where no weight moves any more."""

MISSING = """\
## Not run

The networks' runs so far took {took:.1f} hours of one thread on a shared machine; at that speed,
with as many epochs, the others take about {left} hours more.

{missing}"""
