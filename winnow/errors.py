"""Everything that a learner may see go wrong."""


class WinnowError(Exception):
    """A problem with its evidence, and the next step.

    ``str(error)`` is two lines::

        pyproject.toml has no [tool.winnow] table
          hint: add one; the README lists its keys
    """

    def __init__(self, problem: str, hint: str) -> None:
        super().__init__(f"{problem}\n  hint: {hint}")
        self.problem = problem
        self.hint = hint
