"""Tests of the results of one run of a suite."""
