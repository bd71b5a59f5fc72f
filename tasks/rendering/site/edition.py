"""The site's page of an edition: the bulletin's own tables, and what spans editions beside them.

Sparklines end with this edition and show what had been published when it appeared, so the page
does not change when later weeks come; only its way to a newer edition or the next period does.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from schemas.edition import Body, Edition
from schemas.site import OWN, Brief, Frame
from tasks.rendering import figures, html, wording
from tasks.rendering.catalogue import name, text
from tasks.rendering.ranking import ordered, worded
from tasks.rendering.site import lines, tiles
from tasks.rendering.site.frame import edition_name, kind_name, rendered

# Sections that only the site's page has, by the section they follow.
_ADDED = {"figures": "map", "provenance": "files"}
Neighbours = Mapping[str, Brief | None]


def page(
    frame: Frame,
    brief: Brief,
    edition: Edition,
    history: Sequence[Brief],
    neighbours: Neighbours,
    cells: Sequence[str],
    lang: str,
) -> bytes:
    """`history`: earlier periods' editions known when this one appeared, oldest first.

    `neighbours`: "newer" edition of the period, "corrects", "before" and "after" it in time.
    `cells`: the cells whose items have a page.
    """
    clean: Edition = wording.scrubbed(edition)
    own = html.context(clean, lang)
    sections = _sections(own["sections"])
    context = own | {
        "heading": edition_name(brief, lang),
        "sections": sections,
        "headings": {key: _heading(key, clean["body"]) for key in sections},
        "map": tiles.block(brief, frame.tiles, lang),
        "files": files(brief),
        "method_page": method_path(brief),
        "notices": _notices(neighbours, lang),
        "around": _around(neighbours, lang),
        "trail": [(f"index.html#{brief.kind}", kind_name(brief.kind, lang))],
        "lead_of_revision": own.get("lead"),
        "lead": [],
        **_spanning(brief, clean["body"], history, cells, lang),
    }
    return rendered(frame, brief.page, lang, context, "edition")


def _sections(own: Sequence[str]) -> list[str]:
    return [s for key in own for s in (key, _ADDED.get(key)) if s]


def _heading(key: str, body: Body) -> str:
    return f"site.section.{key}" if key in _ADDED.values() else worded(f"section.{key}", body)


def method_path(brief: Brief) -> str:
    return f"method/{brief.kind}-{brief.policy_hash[:16]}.html"


def files(brief: Brief) -> list[tuple[str, str, str]]:
    """(path in the site, name, sha256) of what can be downloaded."""
    return [(f"{brief.path}/files/{n}", n, sha) for n, sha in sorted(brief.files.items())]


def _notices(neighbours: Neighbours, lang: str) -> list[tuple[str, str, str]]:
    newer = neighbours["newer"]
    if newer is None:
        return []
    return [(text("site.newer", lang), newer.page, edition_name(newer, lang))]


def _around(neighbours: Neighbours, lang: str) -> list[tuple[str, str, str]]:
    known = ((key, neighbours[key]) for key in ("before", "corrects", "after"))
    return [
        (text(f"site.around.{key}", lang), b.page, edition_name(b, lang)) for key, b in known if b
    ]


def _spanning(
    brief: Brief, body: Body, history: Sequence[Brief], cells: Sequence[str], lang: str
) -> dict[str, Any]:
    towns = [(name(t["name"], lang), t["code"]) for t in body["towns"]]
    return {
        "sparks": lines.score_sparks([*history, brief], towns, lang),
        "town_links": {said: f"towns/{code}.html" for said, code in towns},
        "cell_links": _cell_links(brief, body, set(cells), lang),
        "item_pages": [
            (said, items_path(brief, code))
            for said, code in towns
            if any(cell.startswith(f"towns.{code}.") for cell in cells)
        ],
    }


def items_path(brief: Brief, town: str) -> str:
    return f"{brief.path}/items/{town}.html"


def anchor(cell: str) -> str:
    """The part of "towns.<code>.<scope>.<split>.<measure>" that names its section."""
    return "-".join(cell.split(".")[2:])


def _cell_links(brief: Brief, body: Body, cells: set[str], lang: str) -> dict[tuple[str, str], str]:
    """(town, column) of the balance → the items behind the figure."""
    grid = figures.balance(body, lang)
    measures = ("opening", *figures.INFLOWS, *figures.OUTFLOWS, "closing")
    found = {}
    for town in ordered(body["towns"], body):
        for column, measure in zip(grid.columns[1:], measures, strict=True):
            cell = f"towns.{town['code']}.{OWN}.all.{measure}"
            if cell in cells:
                target = f"{items_path(brief, town['code'])}#{anchor(cell)}"
                found[name(town["name"], lang), column.title] = target
    return found
