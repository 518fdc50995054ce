"""Simple rivals of a model of expression, one file each, found by name.

Each has TITLE (a few words for a table) and `fit(train, data, seed) -> Response`. Names that begin
with an underscore are what they share.
"""
