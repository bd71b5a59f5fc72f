"""What every page has: one self-contained file, its style and the helpers of its template.

Promise: the same context and language give the same bytes; nothing is loaded from anywhere (the
page's own Content-Security-Policy forbids it, scripts included); every text is escaped by jinja2's
autoescape; no word stands in a template, all come from the catalogue.
"""

from base64 import b64encode
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from tasks.rendering import wording
from tasks.rendering.catalogue import text
from tasks.rendering.grid import NUMERIC

TEMPLATES = Path(__file__).parent / "templates"
_HTML_LANG = {"zh": "zh-CN", "en": "en"}
# Where the parts of a chart begin, in percent of its width; names are longer in English.
_LAYOUT = {
    "zh": {"slope": 14, "name": 17, "bars": 37, "bars_width": 50},
    "en": {"slope": 12, "name": 14, "bars": 50, "bars_width": 38},
}


def rendered(
    template: str, context: dict[str, Any], lang: str, sheets: tuple[str, ...] = ("bulletin.css",)
) -> bytes:
    """A template of TEMPLATES in "zh" or "en" with its style sheets inside, UTF-8."""
    style, style_hash = _style(sheets)
    styled = {**language(lang), "style": style, "style_hash": style_hash}
    page = environment().get_template(template)
    return page.render(**_helpers(lang), **styled, **context).encode("utf-8")


def language(lang: str) -> dict[str, str]:
    """What a page or picture says of its own language."""
    return {"html_lang": _HTML_LANG[lang]}


@cache
def environment() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )


@cache
def _style(sheets: tuple[str, ...]) -> tuple[Markup, str]:
    """The style sheets as one and its CSP source expression."""
    css = "".join((TEMPLATES / sheet).read_text("utf-8") for sheet in sheets)
    digest = b64encode(sha256(css.encode("utf-8")).digest()).decode("ascii")
    return Markup(css), f"sha256-{digest}"  # our own file, holds no data


def _helpers(lang: str) -> dict[str, Any]:
    return {
        "t": lambda key, **values: text(key, lang, **values),
        "said_movement": lambda steps: wording.movement(steps, lang),
        "percent": wording.percent,
        "thousands": lambda n: f"{n:,}",
        "numeric": NUMERIC,
        "layout": _LAYOUT[lang],
        "gap": "" if lang == "zh" else " ",
    }
