"""One ordinary run of a suite: its results, its coverage, and the gate."""
