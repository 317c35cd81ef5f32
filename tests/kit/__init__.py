"""Tests of Winnow itself, its pages and its documents."""
