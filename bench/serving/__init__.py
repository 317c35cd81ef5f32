"""The parts that benchmarks of a running server share: servers, applications to compare, and a report."""
