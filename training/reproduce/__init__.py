"""Published studies, run again with the house's own code.

`prior` and `pairs` rebuild the benchmark, `models` and `gradients` the two networks and what was
wrong with their gradients, `fit` trains them, `cells` says which runs make up the table and keeps
one JSON file for each, and `claims`, `tables` and `page` read those files and nothing else.
"""
