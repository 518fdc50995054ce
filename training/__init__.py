"""Train the entries of the zoo and evaluate what they ship.

`data` (raw files to tables), `recipe`, `split`, `begin`, `loop` and `run` (one training, start to
end) and `seeds` serve every family; `pairs` and `perturbations` are families; `scoring` measures
exported entries beside their baselines, `cards` prints that, `sweep` repeats trainings.
"""
