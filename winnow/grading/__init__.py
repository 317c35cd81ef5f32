"""The grade of a suite: computed from the trials, saved as a record, and printed."""
