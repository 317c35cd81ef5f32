"""One page, ``reports/index.html``, which says what the last run found.

It holds everything it shows, and works offline: verdict, source, coverage and tests, in two languages.
"""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from winnow.config import Config
from winnow.errors import WinnowError
from winnow.report.texts import Texts
from winnow.report.view import Page
from winnow.verdict import Verdict

PARTS = Path(__file__).parent / "page"


def write_report(config: Config, verdict: Verdict) -> Path:
    """Write the page, and return where it is.

    Raises  WinnowError where it cannot be written.
    """
    path = config.reports / "index.html"
    html = render(Page.of(config, verdict))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(html, encoding="utf-8")
    except OSError as error:
        raise WinnowError(
            f"cannot write {path}: {error.strerror}", "free it or make room, then run again"
        ) from None
    return path


def render(page: Page) -> str:
    """Return the page as HTML."""
    environment = Environment(
        loader=FileSystemLoader(PARTS),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.policies["json.dumps_kwargs"] = {"ensure_ascii": False, "separators": (",", ":")}
    environment.globals["t"] = Texts.load()
    template = environment.get_template("page.html.j2")
    return template.render(page=page, style=_part("page.css"), script=_part("page.js"))


def _part(name: str) -> Markup:
    return Markup((PARTS / name).read_text(encoding="utf-8"))  # noqa: S704  a file of ours
