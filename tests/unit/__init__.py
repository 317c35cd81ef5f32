"""The unittest suite: `python -m unittest discover -s tests/unit -t .`."""
