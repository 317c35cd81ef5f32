"""Tests of trials: one suite against one variant, in a separate process."""
