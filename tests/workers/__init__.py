"""The suite for several workers, which exchange notices through Redis."""
