"""Entries of the toy family."""
