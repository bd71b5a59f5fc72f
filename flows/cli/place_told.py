"""How `bihuan place` tells people of places and towns; programs get the same with --json."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from flows.cli.output import Output
from flows.cli.words import lang, say

_LISTED = (
    "place", "name", "town", "colour", "risk_score", "grade", "credit_score", "major", "general",
    "listed", "overdue", "repeats", "self_checks", "penalties", "status",
)  # fmt: skip
_HAZARDS = ("hazard", "category", "severity", "state", "found_on", "due_on", "listed")
_REPEATS = ("hazard", "category", "found_on", "because", "earlier")
_LINES = ("ingredient", "value", "each", "above", "cap", "lost", "enough")
_TOWN_LINES = ("ingredient", "of", "value", "weight", "floor", "target", "lost")


def tell_list(out: Output, county: Any, found: Mapping[str, Any]) -> None:
    rows = [_place_row(county, place) for place in found["places"]]
    out.table(say("place.title", as_of=found["as_of"]), _columns(_LISTED), rows)
    out.line(
        say(
            "place.summary",
            shown=len(rows),
            count=found["count"],
            colours=_tally("risk_colour", found["colours"]),
            grades=_tally("credit_grade", found["grades"]),
        )
    )
    if found["unplaced"]:
        out.line(say("place.unplaced", count=found["unplaced"]))


def tell_place(out: Output, county: Any, found: Mapping[str, Any]) -> None:
    place = found["place"]
    out.line(f"{place['place_id']}  {place['name']}", "bold")
    out.line(
        say(
            "place.line",
            place_class=_class(place["place_class"]),
            town=_town(county, place["town_code"]),
            sector=_sector(county, place["sector_code"]),
            status=_word("place_status", place["status"]),
            credit=" ".join(place["credit_codes"]) or "/",
        )
    )
    _tell_hazards(out, found)
    _tell_months(out, found["months"])
    _tell_scale(out, "risk", "risk_colour", found["risk"], say("place.no_colour"))
    _tell_scale(out, "credit", "credit_grade", found["credit"], say("place.no_grade"))


def tell_towns(out: Output, found: Mapping[str, Any]) -> None:
    rows = [[_name(t["name"]), t["town_code"], t["score"] or "/"] for t in found["towns"]]
    title = say("place.towns_title", as_of=found["as_of"])
    out.table(title, _columns(("town", "code", "score")), rows)
    for town in found["towns"]:
        title = say("place.made_of", town=_name(town["name"]), score=town["score"] or "/")
        lines = [_town_line(line) for line in town["ingredients"]]
        out.table(title, _columns(_TOWN_LINES), lines)


def _columns(names: Sequence[str]) -> list[str]:
    return [say(f"place.column.{name}") for name in names]


def _place_row(county: Any, place: Mapping[str, Any]) -> list[object]:
    i = place["ingredients"]
    owed = i["self_check_owed"]
    return [
        place["place_id"],
        place["name"],
        _town(county, place["town_code"]),
        _word("risk_colour", place["colour"]) if place["colour"] else "/",
        place["risk_score"] or "/",
        _word("credit_grade", place["grade"]) if place["grade"] else "/",
        place["credit_score"] or "/",
        i["open_major"],
        i["open_general"],
        i["open_listed"],
        i["overdue"],
        i["repeats"],
        f"{owed - i['self_check_missed']}/{owed}" if owed else "/",
        i["penalties"],
        _word("place_status", place["status"]),
    ]


def _tally(kind: str, counts: Mapping[str, int]) -> str:
    return " · ".join(f"{_word(kind, band)} {count:,}" for band, count in counts.items())


def _tell_hazards(out: Output, found: Mapping[str, Any]) -> None:
    rows = [
        [
            h["number"],
            h["category"],
            _word("severity", h["severity"]),
            _word("state", h["state"]),
            h["found_on"],
            f"{h['due_on']} {say('place.overdue') if h['is_overdue'] else ''}".strip(),
            _word("listing_level", h["listing_level"]),
        ]
        for h in found["open"]
    ]
    out.table(say("place.open"), _columns(_HAZARDS), rows)
    again = [
        [h["number"], h["category"], h["found_on"], _word("repeat", h["because"]), h["earlier"]]
        for h in found["repeats"]
    ]
    out.table(say("place.repeats"), _columns(_REPEATS), again)


def _tell_months(out: Output, months: Sequence[Mapping[str, Any]]) -> None:
    rows = [[m["month"], m["visits"], m["self_checks"], _kept(m)] for m in months]
    names = ("month", "visits", "self_checks", "owed")
    out.table(say("place.months"), _columns(names), rows)


def _kept(month: Mapping[str, Any]) -> str:
    if month["owed"] is None:
        return say("place.running")
    if not month["owed"]:
        return say("place.not_owed")
    return say("place.kept" if month["self_checks"] else "place.missed")


def _tell_scale(
    out: Output, scale: str, kind: str, found: Mapping[str, Any] | None, without: str
) -> None:
    if found is None:
        out.line(without)
        return
    band = _word(kind, found["band"])
    title = say(f"place.{scale}", band=band, score=found["score"])
    out.table(title, _columns(_LINES), [_line(line) for line in found["lines"]])
    lost = sum((Decimal(line["lost"]) for line in found["lines"]), Decimal(0))
    out.line(say("place.sum_floor" if lost > 100 else "place.sum", lost=lost, score=found["score"]))
    for rule in found["rules"]:
        of = _word("place_ingredient", rule["of"])
        out.line(say("place.rule", **rule | {"of": of, "band": _word(kind, rule["band"])}))
    if found["better"]:
        better = _word(kind, found["better"])
        out.line(say("place.better", band=better, short=found["short"]))
    for step in found["way"]:
        words = {"of": _word("place_ingredient", step["of"]), "value": step["value"]}
        key = "place.step_ages" if step["takes_time"] else "place.step"
        out.line("  " + say(key, **words, to=step["to"]))


def _line(line: Mapping[str, Any]) -> list[object]:
    values = [line[name] for name in ("value", "points_each", "above", "cap", "lost")]
    return [_word("place_ingredient", line["of"]), *values, line["enough"] or ""]


def _town_line(line: Mapping[str, Any]) -> list[object]:
    share = f"{line['numerator']}/{line['denominator']}"
    values = [line[name] for name in ("value", "weight", "floor", "target", "lost")]
    return [_word("town_ingredient", line["of"]), share, *values]


def _word(kind: str, name: str) -> str:
    from tasks.rendering.catalogue import text

    return text(f"{kind}.{name}", lang())


def _class(name: str) -> str:
    """Classes are the county's own words; those of the shipped county have wording."""
    from tasks.rendering.catalogue import known

    return _word("place_class", name) if known(f"place_class.{name}") else name or "/"


def _name(names: Mapping[str, str]) -> str:
    from tasks.rendering.catalogue import name

    return name({"zh": names["zh"], "en": names["en"]}, lang())


def _town(county: Any, code: str) -> str:
    names = {t.code: t.name for t in county.organisation.towns}
    return _name(names[code].model_dump()) if code in names else code or "/"


def _sector(county: Any, code: str) -> str:
    names = {s.code: s.name for s in county.organisation.sectors}
    return _name(names[code].model_dump()) if code in names else code or "/"
