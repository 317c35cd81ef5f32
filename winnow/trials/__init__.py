"""Trials: one suite against one variant of the service, each in a process of its own."""
