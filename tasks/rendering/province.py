"""A province's edition as one self-contained page, in "zh" or "en".

Promise: the same edition and language give the same bytes; each county's row says which of its
editions it is, by number and digest; what is missing or cannot be summed is said.
"""

from typing import Any

from rules.counting import RATES
from schemas.edition import MEASURES, Scope, Unit
from schemas.province import ProvinceBody, ProvinceEdition, Summed
from tasks.rendering import wording
from tasks.rendering.catalogue import name, text
from tasks.rendering.grid import Column, Grid, Row, Value
from tasks.rendering.page import rendered

_COUNTED = ("found", "closed", "closing", "overdue", "overdue_major", "major_open")
_RATED = ("rectification", "on_time", "coverage", "five_elements", "timeliness")


def render(edition: ProvinceEdition, lang: str) -> bytes:
    """The page, UTF-8."""
    clean: ProvinceEdition = wording.scrubbed(edition)
    return rendered("province.html.j2", _context(clean, lang), lang)


def _context(edition: ProvinceEdition, lang: str) -> dict[str, Any]:
    body, revision = edition["body"], edition.get("revision")
    kind = text(f"edition_kind.{body['kind']}", lang)
    province = name(body["declared"]["name"], lang)
    return {
        "body": body,
        "title": text("bulletin.title", lang, county=province, kind=kind),
        "period": wording.period(body["period"], lang),
        "issue": text("bulletin.edition", lang, n=edition["edition"]),
        "span": wording.span(body["first_day"], body["last_day"], lang),
        "lead": _lead(body, lang),
        "missing": [name(m["name"], lang) for m in body["missing"]],
        "changes": _changes(edition, lang) if revision else None,
        "moves": _moves(edition, lang) if revision else None,
        "grids": [_ranking(body, lang), _sums(body, lang), _sectors(body, lang)],
        "origins": _origins(body, lang),
        "not_summed": wording.joined(body["not_summed"], lang),
        "digest": edition["body_digest"],
    }


def _lead(body: ProvinceBody, lang: str) -> str:
    n, of = len(body["counties"]), len(body["declared"]["counties"])
    values = {"listed": f"{body['listed']:,}", "unlisted": f"{body['unlisted_major']:,}"}
    return text("province.lead", lang, n=n, of=of, **values)


def _columns(lang: str, *heads: tuple[str, str, Any]) -> tuple[Column, ...]:
    return tuple(Column(text(key, lang), kind, over) for key, over, kind in heads)


def _ranking(body: ProvinceBody, lang: str) -> Grid:
    """Counties by rank within their groups; who is not ranked comes last, with the reason."""
    heads = (
        ("province.county", "", "name"),
        ("column.rank", "", "rank"),
        ("column.score", "", "score"),
        *((f"measure.{m}", "", "count") for m in _COUNTED),
        *((f"rate.{r}", "", "percent") for r in _RATED),
        ("province.edition", "", "text"),
    )
    several = len({c["group"] for c in body["counties"]}) > 1
    order = sorted(body["counties"], key=lambda c: (c["group"], c["rank"] or 10**6, c["code"]))
    rows = []
    for county in order:
        because = county["unranked_because"]
        mark = text(f"unranked.{because}", lang) if because else ""
        cells = (name(county["name"], lang), county["rank"], county["score"] or "/")
        edition = text("province.edition.n", lang, n=county["origin"]["edition"])
        group = wording.group(county["group"], lang) if several else ""
        rows.append(Row((*cells, *_figures(county), edition), group=group, mark=mark))
    total = (text("column.total", lang), None, "/", *_figures(body["total"]))
    of = text("province.of", lang, n=len(body["counties"]))
    return Grid(
        text("province.ranking", lang),
        _columns(lang, *heads),
        (*rows, Row((*total, of), is_total=True)),
    )


def _figures(unit: Unit | Summed) -> tuple[Value, ...]:
    counts, rates = unit["counts"]["period"]["all"], unit["rates"]["period"]["all"]
    shown = (rates[r]["value"] if r in rates else None for r in _RATED)
    return (*(counts.get(m) for m in _COUNTED), *shown)


def _sums(body: ProvinceBody, lang: str) -> Grid:
    """Every count and rate of the whole, a column per span."""
    scopes: tuple[Scope, ...] = tuple(body["total"]["counts"])
    heads = [("column.measure", "", "name"), *((f"scope.{s}", "", "count") for s in scopes)]
    total = body["total"]
    counts = [
        Row((text(f"measure.{m}", lang), *(total["counts"][s]["all"].get(m) for s in scopes)))
        for m in MEASURES
    ]
    rates = [
        Row(
            (text(f"rate.{r}", lang), *(_rate(total, s, r) for s in scopes)),
            "percent",
        )
        for r in RATES
        if any(r in total["rates"][s]["all"] for s in scopes)
    ]
    return Grid(text("province.sums", lang), _columns(lang, *heads), (*counts, *rates))


def _rate(unit: Summed, scope: Scope, rate: str) -> Value:
    found = unit["rates"][scope]["all"].get(rate)
    return found["value"] if found else None


def _sectors(body: ProvinceBody, lang: str) -> Grid:
    heads = (
        ("province.sector", "", "name"),
        *((f"measure.{m}", "", "count") for m in _COUNTED),
        *((f"rate.{r}", "", "percent") for r in _RATED),
        ("province.counties", "", "count"),
    )
    rows = [Row((name(s["name"], lang), *_figures(s), len(s["of"]))) for s in body["sectors"]]
    return Grid(text("province.sectors", lang), _columns(lang, *heads), tuple(rows))


def _origins(body: ProvinceBody, lang: str) -> Grid:
    """What every figure is made of."""
    heads = (
        ("province.county", "", "name"),
        ("province.edition", "", "count"),
        ("province.sha256", "", "digest"),
        ("province.ledger_head", "", "digest"),
    )
    rows = [
        Row((name(c["name"], lang), o["edition"], o["sha256"], o["ledger_head"]))
        for c in body["counties"]
        for o in (c["origin"],)
    ]
    return Grid(text("province.origins", lang), _columns(lang, *heads), tuple(rows))


def _changes(edition: ProvinceEdition, lang: str) -> Grid:
    heads = (
        ("province.county", "", "name"),
        ("province.old", "", "text"),
        ("province.new", "", "text"),
        ("province.why", "", "text"),
    )
    rows = []
    for change in edition["revision"]["changes"]:
        why = change["revision_class"]
        words = text(f"revision_class.{why}", lang) if why else text("province.arrived", lang)
        old = text("province.edition.n", lang, n=change["old"]) if change["old"] else "/"
        new = text("province.edition.n", lang, n=change["new"])
        rows.append(Row((name(change["name"], lang), old, new, words)))
    return Grid(text("province.changes", lang), _columns(lang, *heads), tuple(rows))


def _moves(edition: ProvinceEdition, lang: str) -> Grid:
    heads = (
        ("province.county", "", "name"),
        ("column.rank", text("province.old", lang), "rank"),
        ("column.score", text("province.old", lang), "score"),
        ("column.rank", text("province.new", lang), "rank"),
        ("column.score", text("province.new", lang), "score"),
    )
    rows = []
    for move in edition["revision"]["moves"]:
        m: Any = move
        scores = (m["old_score"] or "/", m["new_score"] or "/")
        cells = (m["old_rank"], scores[0], m["new_rank"], scores[1])
        rows.append(Row((name(m["name"], lang), *cells)))
    return Grid(text("province.moves", lang), _columns(lang, *heads), tuple(rows))
