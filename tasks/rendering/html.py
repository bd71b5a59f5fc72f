"""One edition as one self-contained page: opens from a file, prints on A4, reads on a phone.

Promise: the same edition and language give the same bytes; nothing is loaded from anywhere (the
page's own Content-Security-Policy forbids it, scripts included); every text of the edition is
escaped by jinja2's autoescape; no word stands in a template, all come from the catalogue.
"""

from base64 import b64encode
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from schemas.edition import Edition
from tasks.rendering import annexes, corrections, figures, ranking, wording
from tasks.rendering.catalogue import name, text
from tasks.rendering.grid import NUMERIC

TEMPLATES = Path(__file__).parent / "templates"

SECTIONS = (
    "revision",
    "figures",
    "towns",
    "sectors",
    "sums",
    "balance",
    "listed",
    "reporters",
    "quarantined",
    "method",
    "provenance",
)
_HTML_LANG = {"zh": "zh-CN", "en": "en"}
# Where the parts of a chart begin, in percent of its width; names are longer in English.
_LAYOUT = {
    "zh": {"slope": 14, "name": 17, "bars": 37, "bars_width": 50},
    "en": {"slope": 12, "name": 14, "bars": 50, "bars_width": 38},
}


def render_html(edition: Edition, lang: str) -> bytes:
    """The page of an edition in "zh" or "en", UTF-8."""
    clean: Edition = wording.scrubbed(edition)
    template = _environment().get_template("bulletin.html.j2")
    return template.render(_context(clean, lang)).encode("utf-8")


@cache
def _environment() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )


@cache
def _style() -> tuple[Markup, str]:
    """The style sheet and its CSP source expression."""
    css = (TEMPLATES / "bulletin.css").read_text("utf-8")
    digest = b64encode(sha256(css.encode("utf-8")).digest()).decode("ascii")
    return Markup(css), f"sha256-{digest}"  # our own file, holds no data


def _context(edition: Edition, lang: str) -> dict[str, Any]:
    return {**_head(edition, lang), **_tables(edition, lang), **_helpers(lang)}


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


def _head(edition: Edition, lang: str) -> dict[str, Any]:
    body = edition["body"]
    style, style_hash = _style()
    revision = edition.get("revision")
    county: Any = body["county"]
    campaign: Any = body["campaign"]
    return {
        "html_lang": _HTML_LANG[lang],
        "style": style,
        "style_hash": style_hash,
        "body": body,
        "revision": revision,
        "sections": SECTIONS if revision else SECTIONS[1:],
        "title": text("bulletin.title", lang, county=name(county["name"], lang)),
        "period": wording.period(body["period"], lang),
        "issue": text("bulletin.issue", lang, n=edition["edition"]),
        "span": wording.span(body["first_day"], body["last_day"], lang),
        "campaign": name(campaign["name"], lang),
        "audience": _audience(body["policy"]),
    }


def _audience(policy: dict[str, Any]) -> str:
    bulletin = policy.get("bulletin")
    return str(bulletin.get("audience", "")) if isinstance(bulletin, dict) else ""


def _tables(edition: Edition, lang: str) -> dict[str, Any]:
    body = edition["body"]
    both = ("towns", "sectors")
    return {
        "figures": figures.key_figures(body, lang),
        "charts": {w: ranking.charts(body, w, lang) for w in both},
        "ranking": {w: ranking.ranking(body, w, lang) for w in both},
        "sums": figures.sums(body, lang),
        "balance": figures.balance(body, lang),
        "matrix": annexes.matrix(body, lang),
        "listed": annexes.listed(body, lang),
        "reporters": [f(body, lang) for f in (annexes.missing, annexes.late)],
        "quarantined": annexes.quarantined(body, lang),
        "refused": sum(body["quarantined"].values()),
        "method": annexes.method(body, lang),
        "method_notes": annexes.method_notes(body, lang),
        "provenance": annexes.provenance(edition, lang),
        **_revision_tables(edition, lang),
    }


def _revision_tables(edition: Edition, lang: str) -> dict[str, Any]:
    if "revision" not in edition:
        return {}
    return {
        "lead": corrections.lead(edition, lang),
        "reasons": corrections.reasons(edition, lang),
        "moves": corrections.moves(edition, lang),
    }
