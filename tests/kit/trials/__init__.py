"""Tests of trials: one suite against one variant, in a process of its own."""
