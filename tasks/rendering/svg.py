"""The town ranking of an edition as one SVG picture: for a run's page, a message, a screen.

Promise: the same edition and language give the same bytes; nothing is loaded from anywhere, no
script, no date; names are escaped by jinja2's autoescape.
"""

from schemas.edition import Edition
from tasks.rendering import drawing, heading, page, ranking, wording
from tasks.rendering.catalogue import text
from tasks.rendering.drawing import Box, Drawing, Line, Words

WIDTH = 560
_HEAD, _EDGE = 46, 16


def chart_svg(edition: Edition, lang: str) -> bytes:
    """The chart in "zh" or "en", UTF-8; where policy shows no ranks it says so instead."""
    clean: Edition = wording.scrubbed(edition)
    body = clean["body"]
    charts = ranking.charts(body, "towns", lang)
    drawn = drawing.drawn(charts, WIDTH, lang)
    if not charts:
        drawn = Drawing(WIDTH, 30, (Words(0, 18, text("chart.none", lang), 11),))
    template = page.environment().get_template("chart.svg.j2")
    return template.render(
        title=drawing.shortened(heading.title(body, lang), 60),
        issue=text("format.clauses", lang).join(heading.issue(clean, lang)),
        notes=_notes(clean, lang),
        lines=[s for s in drawn.shapes if isinstance(s, Line)],
        boxes=[s for s in drawn.shapes if isinstance(s, Box)],
        words=[s for s in drawn.shapes if isinstance(s, Words)],
        drawn=drawn,
        head=_HEAD,
        edge=_EDGE,
        said=lambda n: f"{n:.1f}".removesuffix(".0"),
        **page.language(lang),
    ).encode("utf-8")


def _notes(edition: Edition, lang: str) -> list[str]:
    body = edition["body"]
    charts = ranking.charts(body, "towns", lang)
    small = [text("note.small_bar", lang)] if any(c.has_small for c in charts) else []
    return [*small, *([text("fictitious.title", lang)] if body["fictitious"] else [])]
