"""What the benchmarks of the running service share: servers to compare, cheap clients, and a table."""
