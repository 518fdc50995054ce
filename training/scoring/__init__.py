"""Questions in, one tidy table out."""
