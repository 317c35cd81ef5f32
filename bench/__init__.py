"""Benchmarks: each module here is one, and what it needs is in a folder beside it."""
