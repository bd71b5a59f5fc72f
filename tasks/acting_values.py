"""What an operator typed, as a canonical update: fields by name, days and times, a fact to void."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from rules.periods import end_of_day
from schemas.records import UPDATE
from schemas.vocabulary import UPDATE_EVENTS, FactKind, ReportStep
from tasks.county import County
from tasks.entering import stream_of
from tasks.refusing import Refusal
from tasks.store import lookups
from tasks.store.engine import reading

if TYPE_CHECKING:
    from tasks.acting import Action

_NOT_DATA = {"source_id", "sent_at", "finding_source", "finding_id", "event", "implied"}
DATA_FIELDS = tuple(n for n in UPDATE.names if n not in _NOT_DATA)


class ActRefused(Refusal):
    """The action cannot even be tried: unknown hazard, event or field, unreadable value."""

    area = "refusal.act"


def action_row(county: County, root: str, action: "Action", actor: str, now: int) -> dict[str, Any]:
    """The update that an action means. Raises ActRefused naming the value and what would do."""
    if not root:
        raise ActRefused("no_hazard", {"hazard": action.hazard})
    if action.event not in UPDATE_EVENTS:
        known = ", ".join(UPDATE_EVENTS)
        raise ActRefused("no_event", {"event": action.event, "known": known})
    unknown = sorted(set(action.data) - set(DATA_FIELDS))
    if unknown:
        values = {"unknown": ", ".join(unknown), "known": ", ".join(DATA_FIELDS)}
        raise ActRefused("no_field", values)
    said = {name: _value(county, name, text) for name, text in action.data.items() if text != ""}
    happened = _past(county, said.pop("happened_at", now), action.data, now)
    person = said.pop("person", actor)
    if action.event == FactKind.VOIDED and "target" in said:
        said["target"] = _own_fact(county, root, str(said["target"]))
    # A report from the public is one finding's, whatever the finding was joined to.
    stream = stream_of(county, action.hazard) if action.event in set(ReportStep) else root
    row = {"stream_id": stream, "event": action.event, "happened_at": happened, "person": person}
    return row | said


def _value(county: County, name: str, text: str) -> str | int:
    kind = next(f.kind for f in UPDATE.fields if f.name == name)
    try:
        if kind == "date":
            return end_of_day(date.fromisoformat(text), county.zone)
        if kind == "time":
            return _instant(text, county.zone)
        return int(text) if kind == "money" else text
    except ValueError:
        raise ActRefused(f"not_{kind}", {"name": name, "value": text}) from None


def _instant(text: str, zone: str) -> int:
    """A time of the county's clock; a day alone is its end."""
    if len(text) <= len("2025-03-10"):
        return end_of_day(date.fromisoformat(text), zone)
    told = datetime.fromisoformat(text)
    told = told if told.tzinfo else told.replace(tzinfo=ZoneInfo(zone))
    return int(told.timestamp() * 1000)


def _past(county: County, happened: str | int, data: Mapping[str, str], now: int) -> int:
    """Today as a day is now; what lies after now has not happened."""
    at = int(happened)
    if at <= now:
        return at
    if county.days.day_of(at - 1) == county.days.day_of(now):
        return now
    raise ActRefused("future", {"value": data["happened_at"]})


def _own_fact(county: County, root: str, target: str) -> str:
    """The source id of an operator's own event, named by its number in the ledger or its id."""
    with reading(county.engine) as connection:
        members = lookups.members_of(connection, county.code, [root])["stream_id"]
        own = lookups.own_events(connection, county.code, members, "operator")
    number = target.removeprefix("#")
    found = own[(own["source_id"] == target) | (own["seq"].astype("str") == number)]
    if found.empty:
        raise ActRefused("no_target", {"target": target})
    return str(found["source_id"].iloc[0])
