"""The suite of several workers: what they tell each other through Redis."""
