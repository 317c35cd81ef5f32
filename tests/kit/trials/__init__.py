"""Trials: one suite against one variant, each in a process of its own."""
