"""Train the entries of the zoo and evaluate what they ship.

From bottom to top: `data` (raw files to tables), `negatives` and `protocols` (the fixed split),
`recipe`,
`pairs` (batches), `loop` (Lightning), `calibrate`, `run` (one training, start to end), `evaluate`
and `report` (numbers of the exported entry, and its card).
"""
