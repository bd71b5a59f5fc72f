"""The filters that lists of hazards share, and what a value of theirs may be."""

from datetime import date
from typing import Annotated, Any

import typer

from flows.cli.options import day
from flows.cli.words import say

_LANGUAGES = ("zh", "en")


def _one_of(key: str, codes: dict[str, str]) -> Any:
    """A callback that takes a code or its word in either language, and gives the code."""

    def chosen(value: str) -> str:
        from tasks.rendering.catalogue import messages

        if not value:
            return ""
        words = {
            said: code
            for code, kind in codes.items()
            for said in (code, *messages().get(f"{kind}.{code}", {}).values())
        }
        if value.lower() not in words:
            raise typer.BadParameter(say(key, value=value, names=", ".join(codes)))
        return words[value.lower()]

    return chosen


def _codes(kind: str, *codes: str) -> dict[str, str]:
    return dict.fromkeys(codes, kind)


_STATES = _codes("hazard.state", "open", "all") | _codes(
    "state",
    *("registered", "verified", "assigned", "rectifying", "submitted"),
    *("closed", "rejected", "merged", "transferred"),
)
_ELEMENTS = _codes(
    "need", "responsibility", "measures", "deadline", "funding", "plan", "interim_control"
)


def language(value: str) -> str:
    if value not in _LANGUAGES:
        raise typer.BadParameter(say("quarantine.lang"))
    return value


def _option(name: str, key: str, **more: Any) -> Any:
    return typer.Option(name, help=say(f"hazard.option.{key}"), **more)


def _day(value: str) -> str:
    if value:
        day(value)
    return value


Town = Annotated[str, _option("--town", "town")]
Sector = Annotated[str, _option("--sector", "sector")]
StateOf = Annotated[
    str, _option("--state", "state", callback=_one_of("hazard.bad_choice", _STATES))
]
SeverityOf = Annotated[
    str,
    _option(
        "--severity",
        "severity",
        callback=_one_of("hazard.bad_choice", _codes("severity", "general", "major")),
    ),
]
Overdue = Annotated[bool, _option("--overdue", "overdue")]
Listed = Annotated[bool, _option("--listed", "listed")]
Missing = Annotated[
    str, _option("--missing", "missing", callback=_one_of("hazard.bad_choice", _ELEMENTS))
]
Unit = Annotated[str, _option("--unit", "unit")]
FoundFrom = Annotated[
    str, _option("--found-from", "found_from", metavar="YYYY-MM-DD", callback=_day)
]
FoundTo = Annotated[str, _option("--found-to", "found_to", metavar="YYYY-MM-DD", callback=_day)]
Limit = Annotated[int, _option("--limit", "limit", min=0)]
Language = Annotated[str, _option("--lang", "lang", callback=language)]
From = Annotated[str, _option("--from", "from", metavar="YYYY-MM-DD", callback=_day)]
To = Annotated[str, _option("--to", "to", metavar="YYYY-MM-DD", callback=_day)]


def day_or_none(value: str) -> date | None:
    return day(value) if value else None
