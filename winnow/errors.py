"""The base of every error that the user can fix."""

from typing import Any

from winnow.i18n import say


class WinnowError(Exception):
    """A problem and the next step, in the language of this terminal.

    ``slug`` names the entry ``[error.slug]`` in ``texts/errors.toml``; ``str(error)`` is two lines::

        pyproject.toml has no [tool.winnow] table
          hint: add one; its keys are service, app, …
    """

    def __init__(self, slug: str, /, **values: Any) -> None:
        self.slug = slug
        self.problem = say(f"error.{slug}.problem", **values)
        self.hint = say(f"error.{slug}.hint", **values)
        super().__init__(f"{self.problem}\n  {say('error.label', hint=self.hint)}")
