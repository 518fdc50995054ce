"""Regulator-gene pairs on the way to an entry."""
