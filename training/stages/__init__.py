"""Trainings in stages: each minimises losses of its own, freezes, and hands weights on.

A recipe may have stages (training.recipe.Stage); what is to be minimised, what does not move and
what the next one takes is written there. An architecture says how one of them is trained:

    LOSSES = ("zinb", "triplet")

    def make(stage: Stage, recipe: Recipe) -> tuple[Staged, Batches]:
        '''A new model with its batches; `recipe` has the stage's numbers in fit and objective.'''

and `run.run(recipe, split, seed, options, make, LOSSES)` gives the trained model and the history.
The task, a `learning.Staged`, has its `model` and computes the terms of a step by name. The random
state is the seed's before each `make`, so that what a stage makes anew is alike in all of them;
weights that were handed on are put into the model after it was made.

After each stage its weights are in stage-NAME.safetensors of the run folder (see `store`); its
checkpoints are in checkpoints/NAME. A run that was stopped goes on in the stage where it was, and
`from_stage` begins at one, with the weights that a former run has saved.
"""
