"""Train the entries of the zoo and evaluate what they ship.

From bottom to top: `data` (raw files to tables), `negatives` and `protocols` (the fixed split),
`recipe`, `pairs` (batches), `loop` (Lightning), `calibrate`, `begin` and `run` (one training, start
to end), `seeds`; `questions` (what a protocol asks), `baselines` and `ladder` (the simple rivals),
`metrics`, `ranking`, `answers` and `evaluate` (figures of the exported entry); `card`, `figures`,
`leaderboard` and `report` (its pages).
"""
