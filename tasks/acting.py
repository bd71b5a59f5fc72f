"""One operator action on one hazard: show what would happen, refuse by name, or do it.

Only operator actions are refused at the door: what the guards do not let through is not entered at
all, and the refusal names the guard and what is missing. A typed name is recorded as claimed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from rules.elements import names
from rules.periods import end_of_day
from schemas.records import UPDATE
from schemas.vocabulary import UPDATE_EVENTS, Outcome, State
from tasks.county import County
from tasks.entering import Entered, hazard_roots, prepare
from tasks.store import ledger
from tasks.store.engine import reading
from tasks.store.standing import standing

_ATTEMPTS = 5
_NOT_DATA = {"source_id", "sent_at", "finding_source", "finding_id", "event", "implied"}
DATA_FIELDS = tuple(n for n in UPDATE.names if n not in _NOT_DATA)


class ActRefused(Exception):
    """The action cannot even be tried: unknown hazard, event or field, unreadable value."""


@dataclass(frozen=True)
class ActReport:
    """What the action does, or would do; `outcome` other than applied means refused."""

    hazard: str
    event: str
    outcome: str
    reason: str
    missing: tuple[str, ...]
    state_before: str
    state_after: str
    appended: int
    dry_run: bool

    @property
    def ok(self) -> bool:
        return self.outcome == Outcome.APPLIED


def act(
    county: County,
    hazard: str,
    event: str,
    data: Mapping[str, str],
    now: int,
    *,
    actor: str,
    dry_run: bool = True,
) -> ActReport:
    """Try one event on one hazard. Raises ActRefused when there is nothing to try."""
    root = hazard_roots(county, hazard)
    if not root:
        raise ActRefused(f"{hazard!r} is no hazard of this county; copy the id from a list or page")
    row = _row(county, root, event, data, actor, now)
    for attempt in range(_ATTEMPTS):
        entry = prepare(county, "operator", [row], now, actor)
        entered = entry.outcomes()[0]
        if dry_run or entered.outcome != Outcome.APPLIED:
            return _report(county, root, event, entered, 0, dry_run)
        try:
            return _report(county, root, event, entered, entry.commit(), dry_run)
        except ledger.HeadMoved:
            if attempt == _ATTEMPTS - 1:
                raise
    raise AssertionError("unreachable")


def _row(
    county: County, root: str, event: str, data: Mapping[str, str], actor: str, now: int
) -> dict[str, Any]:
    if event not in UPDATE_EVENTS:
        words = ", ".join(UPDATE_EVENTS)
        raise ActRefused(f"{event!r} is not something that can be entered; there are: {words}")
    unknown = sorted(set(data) - set(DATA_FIELDS))
    if unknown:
        raise ActRefused(f"unknown data {unknown}; there are: {', '.join(DATA_FIELDS)}")
    values = {name: _value(county, name, text) for name, text in data.items() if text != ""}
    happened = values.pop("happened_at", now)
    person = values.pop("person", actor)
    return {"stream_id": root, "event": event, "happened_at": happened, "person": person} | values


def _value(county: County, name: str, text: str) -> str | int:
    kind = next(f.kind for f in UPDATE.fields if f.name == name)
    try:
        if kind in ("date", "time"):
            return end_of_day(date.fromisoformat(text), county.zone)
        return int(text) if kind == "money" else text
    except ValueError:
        form = "a day like 2025-03-10" if kind in ("date", "time") else "a whole number of fen"
        raise ActRefused(f"{name} = {text!r} is not {form}; write it so") from None


def _report(
    county: County, root: str, event: str, entered: Entered, appended: int, dry_run: bool
) -> ActReport:
    with reading(county.engine) as connection:
        present = standing(connection, county.code, [root])
    before = (entered.before or {}).get("state") if appended else None
    state = before if before is not None else (present["state"].iloc[0] if len(present) else 0)
    ok = entered.outcome == Outcome.APPLIED
    after = (entered.after or {}).get("state", state) if ok else state
    return ActReport(
        hazard=root,
        event=event,
        outcome=entered.outcome,
        reason=entered.reason or ("" if ok else "lacks_data"),
        missing=names(entered.missing),
        state_before=State(int(state)).name.lower(),
        state_after=State(int(after)).name.lower(),
        appended=appended,
        dry_run=dry_run,
    )
