"""Run an entry's graphs."""
