"""Entries for regulator-gene pairs."""
