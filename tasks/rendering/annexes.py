"""Everything beside the figures as tables: listed hazards, reporters, quarantine, method, origin.

Codes are turned into names by the units of the edition itself; a code it does not know is printed
as it is, never dropped.
"""

from collections.abc import Iterable
from typing import Any

from expectations.rules import RULES
from schemas.edition import Body, Edition, Missing
from schemas.vocabulary import ListingLevel
from tasks.rendering import wording
from tasks.rendering.catalogue import known, name, text
from tasks.rendering.grid import Column, Grid, Kind, Row, Value
from tasks.rendering.ranking import indicators, scoring

LEVELS = ("county", "city", "province")


def columns_of(lang: str, *heads: tuple[str, Kind]) -> tuple[Column, ...]:
    return tuple(Column(text(f"column.{key}", lang), kind) for key, kind in heads)


def unit_names(body: Body, lang: str) -> dict[str, str]:
    """Code → name of every town and sector."""
    return {u["code"]: name(u["name"], lang) for u in (*body["towns"], *body["sectors"])}


def source_names(body: Body, lang: str) -> dict[str, str]:
    """Source → title."""
    return {source: name(title, lang) for source, title in body["sources"].items()}


def matrix(body: Body, lang: str) -> Grid:
    """Listed hazards: a row per sector that has any, a column per level, totals both ways."""
    names = unit_names(body, lang)
    cells: dict[tuple[str, str], int] = {}
    for entry in body["listed_matrix"]:
        key = (str(entry["sector"]), _level(entry["level"]))
        cells[key] = cells.get(key, 0) + int(entry["count"])
    sectors = [c for c in names if any((c, level) in cells for level in LEVELS)]
    sectors += sorted({sector for sector, _ in cells} - set(sectors))
    rows = [_matrix_row(names.get(s, s), [cells.get((s, v), 0) for v in LEVELS]) for s in sectors]
    sums = [sum(n for (_, level), n in cells.items() if level == v) for v in LEVELS]
    total = _matrix_row(text("column.total", lang), sums, is_total=True)
    levels = (Column(text(f"listing_level.{v}", lang), "count") for v in LEVELS)
    columns = (
        *columns_of(lang, ("sector", "name")),
        *levels,
        *columns_of(lang, ("total", "count")),
    )
    return Grid(text("table.matrix", lang), columns, (*rows, total))


def _level(level: str | int) -> str:
    return level if isinstance(level, str) else ListingLevel(level).name.lower()


def _matrix_row(said: str, values: list[int], is_total: bool = False) -> Row:
    return Row((said, *values, sum(values)), is_total=is_total)


def listed(body: Body, lang: str) -> Grid:
    """Listed hazards one by one, the highest level first."""
    names = unit_names(body, lang)
    items = sorted(body["listed"], key=lambda i: (-_level_rank(i["level"]), i["number"]))
    columns = columns_of(
        lang,
        ("number", "name"),
        ("level", "text"),
        ("town", "text"),
        ("sector", "text"),
        ("unit_name", "text"),
        ("listed_on", "text"),
        ("due_on", "text"),
        ("state", "text"),
    )
    rows = tuple(
        Row(
            (
                i["number"],
                _word("listing_level", i["level"], lang),
                names.get(i["town"], i["town"]),
                names.get(i["sector"], i["sector"]),
                i["unit_name"],
                i["listed_on"],
                i["due_on"],
                _word("state", i["state"], lang),
            )
        )
        for i in items
    )
    return Grid(text("table.listed", lang), columns, rows)


def _level_rank(level: str) -> int:
    return LEVELS.index(level) if level in LEVELS else -1


def _word(family: str, value: str, lang: str) -> str:
    """The wording of a coded word; data that is no code is printed as it is."""
    key = f"{family}.{value}"
    return text(key, lang) if known(key) else value


def missing(body: Body, lang: str) -> Grid:
    columns = columns_of(lang, ("reporter", "name"), ("source", "text"), ("due_at", "text"))
    rows = tuple(Row(_owed(m, lang)) for m in body["missing"])
    return Grid(text("table.missing", lang), columns, rows)


def late(body: Body, lang: str) -> Grid:
    columns = columns_of(
        lang, ("reporter", "name"), ("source", "text"), ("due_at", "text"), ("received_at", "text")
    )
    rows = tuple(
        Row((*_owed(m, lang), wording.moment(m["received_at"] or "", lang))) for m in body["late"]
    )
    return Grid(text("table.late", lang), columns, rows)


def _owed(entry: Missing, lang: str) -> tuple[Value, ...]:
    source = name(entry["source_title"], lang)
    return name(entry["unit_name"], lang), source, wording.moment(entry["due_at"], lang)


def in_language(entry: dict[str, Any], key: str, lang: str) -> str:
    return str(entry.get(f"{key}_{lang}") or entry.get(key) or "")


def quarantined(body: Body, lang: str) -> Grid:
    columns = columns_of(lang, ("rule", "name"), ("rule_text", "text"), ("refused", "count"))
    counted = sorted(body["quarantined"].items())
    rows = [Row((code, _rule(code, lang), n)) for code, n in counted]
    total = Row((text("column.total", lang), "", sum(n for _, n in counted)), is_total=True)
    return Grid(text("table.quarantined", lang), columns, (*rows, total))


def _rule(code: str, lang: str) -> str:
    """What a rule says; a rule of one source's own is known by its code alone."""
    rule = RULES.get(code)
    return name({"zh": rule.zh, "en": rule.en}, lang) if rule else code


def method(body: Body, lang: str) -> list[Grid]:
    """Indicators of towns and of sectors, and deductions, as the policy says."""
    found = [_indicators(body, which, lang) for which in ("towns", "sectors")]
    deductions = scoring(body).get("deductions", [])
    columns = columns_of(lang, ("measure", "name"), ("points_each", "points"), ("cap", "points"))
    rows = tuple(
        Row((text(f"measure.{d['of']}", lang), str(d["points_each"]), str(d["cap"])))
        for d in deductions
    )
    return [g for g in (*found, Grid(text("table.deductions", lang), columns, rows)) if g.rows]


def _indicators(body: Body, which: str, lang: str) -> Grid:
    columns = columns_of(
        lang,
        ("indicator", "name"),
        ("formula", "text"),
        ("scope", "text"),
        ("weight", "points"),
        ("floor", "percent"),
        ("target", "percent"),
    )
    rows = tuple(
        Row(
            (
                text(f"rate.{i['of']}", lang),
                text(f"rate.{i['of']}.formula", lang),
                text(f"scope.{i['scope']}", lang),
                str(i["weight"]),
                str(i["floor"]),
                str(i["target"]),
            )
        )
        for i in indicators(body, which)
    )
    return Grid(text(f"table.indicators.{which}", lang), columns, rows)


def method_notes(body: Body, lang: str) -> list[str]:
    """The rules of counting in sentences, in the order they are applied."""
    small = scoring(body).get("small_sample_below", 0)
    keys = ("week", "due", "rates", "points", "score", "ranks")
    return [*(text(f"method.{k}", lang) for k in keys), text("method.small", lang, n=small)]


def provenance(edition: Edition, lang: str) -> Grid:
    """What proves the edition: watermark, ledger head, policy and body digests."""
    body = edition["body"]
    county: Any = body["county"]
    entries: Iterable[tuple[str, object]] = (
        ("county", text("format.note", lang, text=name(county["name"], lang), note=county["code"])),
        ("period", f"{body['period']} ({body['first_day']} / {body['last_day']})"),
        ("edition", edition["edition"]),
        ("watermark", edition["watermark"]),
        ("ledger_head", edition["ledger_head"]),
        *((("ledger_root", edition["ledger_root"]),) if "ledger_root" in edition else ()),
        ("policy_version", body["policy"].get("version", "")),
        ("policy_hash", edition["policy_hash"]),
        ("body_digest", edition["body_digest"]),
        ("schema", body["schema"]),
    )
    columns = columns_of(lang, ("item", "name"), ("value", "digest"))
    rows = tuple(Row((text(f"provenance.{key}", lang), str(value))) for key, value in entries)
    return Grid(text("table.provenance", lang), columns, rows)
