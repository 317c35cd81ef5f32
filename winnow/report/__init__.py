"""The report page, ``index.html``: the results of the last run, in two languages.

It is one file, and works offline.
"""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from winnow.config import Config
from winnow.project import write
from winnow.report.page import Page
from winnow.report.texts import both, plain, t, why
from winnow.runs.summary import Summary

HERE = Path(__file__).parent


def write_report(config: Config, summary: Summary) -> Path:
    """Write the page, and return where it is.

    Raises  WinnowError if it cannot be written.
    """
    path = config.reports / "index.html"
    write(path, render(Page.of(config, summary)))
    return path


def render(page: Page) -> str:
    """Return the page as HTML."""
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.policies["json.dumps_kwargs"] = {"ensure_ascii": False, "separators": (",", ":")}
    environment.globals |= {"t": t, "plain": plain}
    environment.filters |= {"both": both, "why": why}
    template = environment.get_template("page.html.j2")
    style, script = _parts("page.css", "checks.css"), _parts("page.js", "checks.js")
    return template.render(page=page, style=style, script=script)


def _parts(*names: str) -> Markup:
    text = "\n".join((HERE / "static" / name).read_text(encoding="utf-8") for name in names)
    return Markup(text)  # noqa: S704  files of ours
