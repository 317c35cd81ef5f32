"""The parts of the benchmark ``variants``: the methods that it compares, and its report."""

SUITE = "bench/suite/test_twelve.py"
