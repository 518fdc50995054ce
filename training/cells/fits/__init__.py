"""How each architecture of cells is trained: one file an architecture, by its name.

Each has a class `Numbers` that reads a recipe's [objective]; `LOSSES`, the names of its losses;
`ready(job)`, which makes once what all stages use; and `task(job, ready, stage, recipe)`, a stage's
model in its task with its batches.
"""
