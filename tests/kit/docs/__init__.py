"""Tests that the documents are correct."""
