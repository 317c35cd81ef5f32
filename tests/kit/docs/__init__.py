"""Tests that hold the documents to what they say."""
