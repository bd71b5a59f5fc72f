"""One edition as one self-contained page: opens from a file, prints on A4, reads on a phone.

Promise: the same edition and language give the same bytes; nothing is loaded from anywhere (the
page's own Content-Security-Policy forbids it, scripts included); every text of the edition is
escaped by jinja2's autoescape; no word stands in a template, all come from the catalogue.
"""

from typing import Any

from schemas.edition import Edition
from tasks.rendering import (
    annexes,
    corrections,
    duties,
    figures,
    frozen,
    heading,
    page,
    ranking,
    statutory,
    uncertainty,
    watched,
    wording,
)
from tasks.rendering.catalogue import name

SECTIONS = (
    "revision",
    "figures",
    "towns",
    "sectors",
    "statutory",
    "sums",
    "balance",
    "duties",
    "frozen",
    "listed",
    "reporters",
    "quarantined",
    "watch",
    "method",
    "annex",
    "provenance",
)


def render_html(edition: Edition, lang: str) -> bytes:
    """The page of an edition in "zh" or "en", UTF-8."""
    clean: Edition = wording.scrubbed(edition)
    return page.rendered("bulletin.html.j2", context(clean, lang), lang)


def context(edition: Edition, lang: str) -> dict[str, Any]:
    """What the page's template is filled with; the site's page of the edition is too."""
    return {**_head(edition, lang), **_tables(edition, lang)}


def _head(edition: Edition, lang: str) -> dict[str, Any]:
    body = edition["body"]
    revision = edition.get("revision")
    campaign: Any = body["campaign"]
    return {
        "body": body,
        "revision": revision,
        "sections": _sections(edition),
        "worded": lambda key: ranking.worded(key, body),
        "title": heading.title(body, lang),
        "period": wording.period(body["period"], lang),
        "issue": heading.number(edition, lang),
        "span": wording.span(body["first_day"], body["last_day"], lang),
        "campaign": name(campaign["name"], lang),
        "audience": audience(body["policy"]),
    }


def _sections(edition: Edition) -> list[str]:
    """Those that this edition has: a first one corrects nothing, an old one has no annex."""
    body = edition["body"]
    has = {key: key in body for key in ("annex", "frozen", "statutory", "watch")}
    has["revision"] = "revision" in edition
    return [key for key in SECTIONS if has.get(key, True)]


def audience(policy: dict[str, Any]) -> str:
    """Whom an edition is for, as its policy says; "" where it does not."""
    bulletin = policy.get("bulletin")
    return str(bulletin.get("audience", "")) if isinstance(bulletin, dict) else ""


def _tables(edition: Edition, lang: str) -> dict[str, Any]:
    body = edition["body"]
    both = ("towns", "sectors")
    return {
        "figures": figures.key_figures(body, lang),
        "charts": {w: ranking.charts(body, w, lang) for w in both},
        "ranking": {w: ranking.ranking(body, w, lang) for w in both},
        "statutory": statutory.tables(body, lang),
        "sums": figures.sums(body, lang),
        "balance": figures.balance(body, lang),
        "duties": duties.tables(body, lang),
        "frozen": frozen.standings(body, lang),
        "frozen_notes": frozen.notes(body, lang),
        "matrix": annexes.matrix(body, lang),
        "listed": annexes.listed(body, lang),
        "reporters": [f(body, lang) for f in (annexes.missing, annexes.late)],
        "quarantined": annexes.quarantined(body, lang),
        "refused": sum(body["quarantined"].values()),
        "method": annexes.method(body, lang),
        "method_notes": annexes.method_notes(body, lang),
        "annex": uncertainty.standings(body, lang),
        "annex_notes": uncertainty.notes(body, lang),
        "watch": watched.grids(body, lang),
        "watch_notes": watched.notes(body, lang),
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
