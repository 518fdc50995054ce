"""Gene vectors that can be made here, one file a source, each with a function `make`."""
