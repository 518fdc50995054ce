"""Models whose own code runs here, each with an extra of its own; what they predict is a table."""
