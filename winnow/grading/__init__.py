"""Matrices become grades: one record, and the words and files that are made from it."""
