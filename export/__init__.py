"""From a run folder to an entry that ships: graphs, golden vectors, parity, manifest."""
