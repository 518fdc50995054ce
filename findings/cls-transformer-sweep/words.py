"""The words of a sweep's findings page; every number in them is filled in from results."""

TITLE = """\
# The sweep of `{entry}`: how its numbers were chosen

The figure that chooses is what every training of this entry monitors: the mean, over the held-out
parts below, of the Pearson correlation with the headline source's interactions, at a trial's best
epoch. It is of validation; nothing here has looked at the test sets."""

METHOD = """\
Trials were drawn with [Optuna](https://optuna.org): {phases} (seed {seed}). Each is a training from
the recipe's own seed with the values drawn, rounded to three digits. {made}"""

SAMPLERS = {
    "given": "with values that were found by hand",
    "random": "at random",
    "tpe": "by a tree-structured Parzen estimator (TPE)",
}
FIXED = "To keep trials short, {fixed} in all of them; that is no part of the winner."

PRUNING = """\
A trial is pruned after an epoch in which its best figure so far is below the median of the complete
trials at that epoch; not in its first {warmup_epochs} epochs, and not before {startup_trials}
trials are complete. One whose predictions are not finite has diverged and counts as pruned."""
WHOLE = """\
No trial was pruned: each went to its end. One whose predictions are not finite has diverged."""

WINNER = "## The winner"
WON = """\
Trial {trial} ({sampler}), {value:.4f}{second}. **The recipe that ships has its values**, and its
own everywhere else."""
SECOND = ", {gap:.4f} ahead of the next"
NO_WINNER = "No trial is complete yet."

TRIALS = "## All trials"
COUNTED = """\
Complete: {complete}; pruned: {pruned}; diverged: {diverged}; {hours:.1f} hours in all. The value of
a trial that is not complete is its best up to where it ended. Left out: {interrupted} that were
interrupted and tried again with the same values."""
PARTS = {"valid": "random sets", "one_new_valid": "one gene unseen"}

IMPORTANCE = "## What mattered"
IMPORTANCE_TEXT = """\
The share of each number in what sets the better trials apart from all complete ones
([PED-ANOVA](https://arxiv.org/abs/2304.10255)). From {trials} trials this is a hint and no
measurement."""

LIMITS = """\
## How far to trust it

Every trial is one training from one seed, so that a part of the distance between two of them is
chance. The winner is the largest of many figures, each the best of its epochs, on the same
validation sets: its own is a little kind. What the entry is worth stands in its card, on test."""

AGAIN = """\
## Again

```sh
zoo sweep {entry}             # goes on where it was stopped
zoo sweep {entry} --list      # the trials so far
zoo sweep {entry} --winner    # the recipe with the winner's values
zoo sweep {entry} --export findings/cls-transformer-sweep/results/study.json
python findings/cls-transformer-sweep/page.py           # only this page
```

The search space is `training/recipes/sweeps/{entry}.toml`. Records {records}."""
