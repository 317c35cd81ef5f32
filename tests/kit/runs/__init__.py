"""Tests of what one run of a suite leaves behind."""
