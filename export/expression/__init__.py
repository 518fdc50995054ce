"""Expression responses on the way to an entry."""
