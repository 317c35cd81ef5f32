"""The pytest suite: whole conversations, in process and live. Run it alone: ``pytest tests/ws``."""
