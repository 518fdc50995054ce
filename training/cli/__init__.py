"""Commands: train, evaluate, report, compare, sweep."""
