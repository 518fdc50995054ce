"""Cell entries on the way from a run folder to what ships."""
