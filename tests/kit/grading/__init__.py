"""Tests of grades."""
