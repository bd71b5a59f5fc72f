"""`bihuan place`: places with hazards, self-checks, risk colour and credit grade; towns by index.

bihuan place list --colour red
bihuan place show 91330282MA2014776W
bihuan place towns --day 2025-05-31
"""

from typing import Annotated, Any

import typer

from flows.cli.options import Debug, Home, Json, Now, day
from flows.cli.place_told import tell_list, tell_place, tell_towns
from flows.cli.session import session
from flows.cli.words import say

app = typer.Typer(help=say("place.help"), no_args_is_help=True)

Day = Annotated[str, typer.Option("--day", help=say("place.day"), metavar="YYYY-MM-DD")]


@app.command(name="list", help=say("place.list.help"))
def list_(
    colour: Annotated[str, typer.Option("--colour", help=say("place.colour"))] = "",
    grade: Annotated[str, typer.Option("--grade", help=say("place.grade"))] = "",
    town: Annotated[str, typer.Option("--town", help=say("place.town"))] = "",
    sector: Annotated[str, typer.Option("--sector", help=say("place.sector"))] = "",
    limit: Annotated[int, typer.Option("--limit", min=0, help=say("place.limit"))] = 50,
    until: Day = "",
    home: Home = None,
    now: Now = None,
    json: Json = False,
    debug: Debug = False,
) -> None:
    with session(home, json, debug, now=now) as s:
        from flows.runtime import opened
        from tasks.places import Asked, overview

        county = opened()
        asked = Asked(
            _one_of(colour, _bands("RiskColour")),
            _one_of(grade, _bands("CreditGrade")),
            _one_of(town, county.organisation.town_words()),
            _one_of(sector, county.organisation.sector_words()),
            limit,
        )
        found = overview(county, _end(county, until), asked)
        tell_list(s.out, county, found)
        s.out.answer(found)


@app.command(help=say("place.show.help"))
def show(
    key: Annotated[str, typer.Argument(help=say("place.key"), metavar="PLACE")],
    until: Day = "",
    home: Home = None,
    now: Now = None,
    json: Json = False,
    debug: Debug = False,
) -> None:
    with session(home, json, debug, now=now) as s:
        from flows.runtime import opened
        from tasks.places_shown import shown

        county = opened()
        found = shown(county, key, _end(county, until))
        tell_place(s.out, county, found)
        s.out.answer(found)


@app.command(help=say("place.towns.help"))
def towns(
    until: Day = "",
    home: Home = None,
    now: Now = None,
    json: Json = False,
    debug: Debug = False,
) -> None:
    with session(home, json, debug, now=now) as s:
        from flows.runtime import opened
        from tasks.places import towns as indexed

        county = opened()
        found = indexed(county, _end(county, until))
        tell_towns(s.out, found)
        s.out.answer(found)


def _end(county: Any, until: str) -> int:
    """The instant that is asked for: 24:00 of a day that is over, or the present."""
    from flows.runtime import moment
    from rules.periods import end_of_day

    now: int = moment()
    if not until:
        return now
    end = end_of_day(day(until), county.zone)
    if end > now:
        raise typer.BadParameter(say("place.bad_day", day=until))
    return end


def _bands(kind: str) -> dict[str, str]:
    """Every word for a colour or a grade, in both languages, and the band it means."""
    from schemas import policy_indices
    from tasks.rendering.catalogue import LANGUAGES, word

    members = list(getattr(policy_indices, kind))
    return {w: str(m) for m in members for w in (str(m), *(word(m, lang) for lang in LANGUAGES))}


def _one_of(value: str, words: dict[str, str]) -> str:
    """The code of a word, "" for none asked. Raises a usage error that names the codes."""
    if not value:
        return ""
    if value not in words:
        known = ", ".join(dict.fromkeys(words.values()))
        raise typer.BadParameter(say("place.bad_word", value=value, known=known))
    return words[value]
