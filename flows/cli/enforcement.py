"""`bihuan enforcement`: cases, penalties, coercive measures, police and exposure, in figures."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from flows.cli.options import Debug, Home, Json, Now, day
from flows.cli.report import yuan
from flows.cli.session import session
from flows.cli.words import lang, say

if TYPE_CHECKING:
    from datetime import date

    from tasks.county import County

MEASURES = (
    *("cases", "penalties", "penalties_fen", "coercive_measures", "handed_to_police"),
    "exposures",
)


def _by(value: str) -> str:
    if value not in ("", "town", "sector"):
        raise typer.BadParameter(say("enforcement.bad_by"))
    return value


def enforcement(
    first: Annotated[
        str, typer.Option("--from", help=say("enforcement.from"), metavar="YYYY-MM-DD")
    ] = "",
    last: Annotated[
        str, typer.Option("--to", help=say("enforcement.to"), metavar="YYYY-MM-DD")
    ] = "",
    by: Annotated[str, typer.Option("--by", help=say("enforcement.by"), callback=_by)] = "",
    home: Home = None,
    now: Now = None,
    json: Json = False,
    debug: Debug = False,
) -> None:
    begin, end = day(first) if first else None, day(last) if last else None
    with session(home, json, debug, now=now) as s:
        from flows.runtime import moment, opened

        county, at = opened(), moment()
        begin = begin or county.policy.campaign.start
        end = end or county.days.day_of(at)
        if begin > end:
            raise typer.BadParameter(say("enforcement.backwards", first=begin, last=end))
        rows = _rows(county, begin, end, by, at)
        title = say("enforcement.title", first=begin.isoformat(), last=end.isoformat())
        columns = [say(f"enforcement.column.{by}")] if by else []
        columns += [say(f"enforcement.column.{m}") for m in MEASURES]
        total = {m: sum(row[m] for row in rows) for m in MEASURES}
        cells = [[*_unit(county, by, r), *_figures(r)] for r in rows]
        cells += [[say("total"), *_figures(total)]] if by else []
        s.out.table(title, columns, cells)
        s.out.answer({"from": begin, "to": end, "by": by or None, "rows": rows, "total": total})


def _rows(county: "County", begin: "date", end: "date", by: str, now: int) -> list[dict[str, Any]]:
    """One row per town or sector with something to count, or one of the county."""
    from rules.periods import end_of_day, midnight
    from schemas.vocabulary import Enforcement
    from tasks.reports import totals

    span = midnight(begin, county.zone), end_of_day(end, county.zone)
    keys = (f"{by}_code",) if by else ()
    found = totals(county, *span, keys, now, [kind.value for kind in Enforcement])
    return [
        {str(name).removesuffix("_code"): value for name, value in row.items()}
        for row in found.to_dict("records")
    ]


def _unit(county: "County", by: str, row: dict[str, Any]) -> list[str]:
    """What the row's town or sector is called; nothing for the county."""
    units: Any = {"town": county.organisation.towns, "sector": county.organisation.sectors}
    names = {unit.code: getattr(unit.name, lang()) for unit in units.get(by, ())}
    return [names.get(row[by], row[by])] if by else []


def _figures(row: dict[str, Any]) -> list[object]:
    return [yuan(row[m]) if m.endswith("_fen") else row[m] for m in MEASURES]
