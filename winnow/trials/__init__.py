"""Trials: each runs one suite against one variant of the service, in a separate process."""
