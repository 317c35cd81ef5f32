"""Benchmarks: each module of this folder is one; the folders hold what they share."""
