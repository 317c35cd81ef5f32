"""Tests that need a real server in its own process."""
