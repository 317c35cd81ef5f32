"""What the trials say about a suite: the grade, as a record, in words, and for other tools."""
