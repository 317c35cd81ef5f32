"""The unittest suite. Run it alone: ``python -m unittest discover -s tests/unit -t .``."""
