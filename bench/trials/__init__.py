"""What the benchmark of variants needs."""

SUITE = "bench/suite/test_twelve.py"
