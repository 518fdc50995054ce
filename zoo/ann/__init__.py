"""Approximate search among a million vectors or more."""
