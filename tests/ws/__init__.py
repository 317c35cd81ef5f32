"""The pytest suite: whole conversations, in process and live."""
