"""Operator actions on hazards: show what would happen, refuse by name, or do it.

One function for one action and for a sheet of them, from the CLI, a run form or a file. Only
operator actions are refused at the door: what the guards do not let through is not entered at all,
and the refusal names the guard and what is missing. What needs a second person is proved by that
person's code (`tasks.operators`); a typed name alone is recorded as claimed and proves nothing.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from rules.elements import Need, names
from rules.lifecycle import needs
from schemas.vocabulary import FactKind, Outcome, Severity, State
from tasks.acting_values import ActRefused, action_row
from tasks.county import County
from tasks.entering import Entered, Entry, hazard_roots, prepare
from tasks.operators import NotProved, eligible, require_second
from tasks.refusing import Refusal
from tasks.reports import verdicts
from tasks.store import ledger
from tasks.store.engine import reading
from tasks.store.standing import standing

SOURCE = "operator"
_REFUSED = Outcome.INEFFECTIVE.value
# What of a hazard an action may change, as reports show it.
_SHOWN = (
    "state", "town_code", "severity", "due_at", "original_due_at", "accepted_at", "listed_level",
    "elements", "marks",
)  # fmt: skip


@dataclass(frozen=True)
class Action:
    """One thing an operator says has happened to a hazard; data: field → text as typed."""

    hazard: str
    event: str
    data: Mapping[str, str]


@dataclass(frozen=True)
class _Refused:
    """Refused before it is entered: nothing of the hazard changes."""

    reason: str
    missing: tuple[str, ...]
    outcome: str = _REFUSED
    before: None = None
    after: None = None
    is_repeated: bool = False


@dataclass(frozen=True)
class ActReport:
    """What the action does, or would do; `outcome` other than applied means refused.

    changes: name of a property → (before, after), as `hazard_span` stores it; problem: why it
    could not even be tried, to be told in the reader's language. What was entered before, to the
    letter, is applied and appends nothing: a run that is carried out twice says the same twice.
    """

    hazard: str
    event: str
    outcome: str
    reason: str
    missing: tuple[str, ...]
    state_before: str
    state_after: str
    appended: int
    dry_run: bool
    changes: Mapping[str, tuple[Any, Any]]
    problem: Refusal | None = None

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
    code: str = "",
    dry_run: bool = True,
) -> ActReport:
    """Try one event on one hazard. Raises ActRefused when there is nothing to try."""
    (report,) = act_all(
        county, [Action(hazard, event, data)], now, actor=actor, code=code, dry_run=dry_run
    )
    if report.problem:
        raise report.problem
    return report


def act_all(
    county: County,
    actions: Sequence[Action],
    now: int,
    *,
    actor: str,
    code: str = "",
    dry_run: bool = True,
) -> list[ActReport]:
    """Try several events at once, each on its hazard; one report per action, in their order.

    What is refused stops nothing else. `code`: of the one second person all of them name.
    """
    roots = hazard_roots(county, [action.hazard for action in actions])
    rows, problems = _rows(county, actions, roots, actor, now)
    present = _present(county, roots)
    beside = _refused_beside(county, rows, now)
    rows = _without(rows, beside)
    needing = _needing_second(actions, rows, present)
    problems |= _proved(rows, needing, lambda who: eligible(county, actor, who, now).name)
    if needing and not dry_run:
        # A code is good once: what a guard refuses anyway must not use it up.
        would, _ = _enter(county, _without(rows, problems), now, actor, dry_run=True)
        asked = [i for i in needing if i in would and would[i].outcome == Outcome.APPLIED]
        problems |= _proved(
            rows, asked, lambda who: require_second(county, actor, who, code, now).name
        )
    tried = _without(rows, problems)
    entered, appended = ledger.settled(lambda: _enter(county, tried, now, actor, dry_run))
    reports = []
    for position, action in enumerate(actions):
        if position in problems:
            reports.append(_problem(action, problems[position], dry_run))
            continue
        root = roots[action.hazard]
        became = beside.get(position) or entered[position]
        one = _report(root, action.event, became, present.get(action.hazard, {}), dry_run)
        is_new = one.ok and not became.is_repeated
        reports.append(replace(one, appended=int(appended > 0)) if is_new else one)
    return reports


def _rows(
    county: County, actions: Sequence[Action], roots: Mapping[str, str], actor: str, now: int
) -> tuple[dict[int, dict[str, Any]], dict[int, Refusal]]:
    """Canonical updates by position, and why some could not be made."""
    rows, problems = {}, dict[int, Refusal]()
    for position, action in enumerate(actions):
        try:
            root = roots.get(action.hazard, "")
            rows[position] = action_row(county, root, action, actor, now)
        except ActRefused as error:
            problems[position] = error
    return rows, problems


def _present(county: County, roots: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """The present row of each hazard, by the name it was given."""
    with reading(county.engine) as connection:
        frame = standing(connection, county.code, sorted(set(roots.values())))
    found = {str(row["root_id"]): _named(row) for row in frame.to_dict("records")}
    return {name: found.get(root, {}) for name, root in roots.items()}


def _refused_beside(
    county: County, rows: Mapping[int, Mapping[str, Any]], now: int
) -> dict[int, "_Refused"]:
    """What the steps of a report or of enforcement lack, or why they cannot be made."""
    judged = zip(rows, verdicts(county, list(rows.values()), now), strict=True)
    return {i: _Refused(v.reason, v.missing) for i, v in judged if not v.ok}


# -- the second person ----------------------------------------------------------------------------


def _needing_second(
    actions: Sequence[Action],
    rows: Mapping[int, Mapping[str, Any]],
    present: Mapping[str, Mapping[str, Any]],
) -> list[int]:
    """Positions of the actions that name a second person because they need one."""
    return [
        i
        for i, row in rows.items()
        if row.get("second_person")
        and _needs_second(actions[i].event, present.get(actions[i].hazard, {}))
    ]


def _proved(
    rows: dict[int, dict[str, Any]], positions: list[int], proof: Callable[[str], str]
) -> dict[int, Refusal]:
    """Put the enrolled name of the one second person in; or why that cannot be, by position."""
    named = sorted({rows[i]["second_person"] for i in positions})
    if not named:
        return {}
    if len(named) > 1:
        several = ActRefused("several_second", {"names": ", ".join(named)})
        return dict.fromkeys(positions, several)
    try:
        proved = proof(named[0])
    except NotProved as error:
        return dict.fromkeys(positions, ActRefused("not_proved", {"why": error}))
    for i in positions:
        rows[i]["second_person"] = proved
    return {}


def _without(
    rows: Mapping[int, dict[str, Any]], problems: Mapping[int, object]
) -> dict[int, dict[str, Any]]:
    return {i: row for i, row in rows.items() if i not in problems}


def _needs_second(event: str, present: Mapping[str, Any]) -> bool:
    if event not in set(FactKind):
        return event in _SIDE_WITH_SECOND
    severity = Severity(int(present.get("severity", 0)))
    return bool(needs(FactKind(event), severity) & Need.SECOND_PERSON)


_SIDE_WITH_SECOND = frozenset({"report_rewarded"})


# -- entering -------------------------------------------------------------------------------------


def _enter(
    county: County, rows: Mapping[int, Mapping[str, Any]], now: int, actor: str, dry_run: bool
) -> tuple[dict[int, Entered], int]:
    """Decide on all; what is refused is left out and the rest decided again, until all go in."""
    settled: dict[int, Entered] = {}
    left = dict(rows)
    while left:
        entry = prepare(county, SOURCE, list(left.values()), now, actor)
        outcomes = dict(zip(left, entry.outcomes(), strict=True))
        refused = {i: one for i, one in outcomes.items() if one.outcome != Outcome.APPLIED}
        if dry_run or not refused:
            return settled | outcomes, 0 if dry_run else _committed(entry)
        settled |= refused
        left = {i: row for i, row in left.items() if i not in refused}
    return settled, 0


def _committed(entry: Entry) -> int:
    return entry.commit()


def _report(
    root: str, event: str, entered: "Entered | _Refused", present: Mapping[str, Any], dry_run: bool
) -> ActReport:
    before = _named(entered.before or present)
    ok = entered.outcome == Outcome.APPLIED or entered.is_repeated
    after = _named(entered.after or before) if ok else before
    return ActReport(
        hazard=root,
        event=event,
        outcome=Outcome.APPLIED.value if ok else entered.outcome,
        reason="" if ok else entered.reason or "lacks_data",
        missing=entered.missing if isinstance(entered, _Refused) else names(entered.missing),
        state_before=_state(before),
        state_after=_state(after),
        appended=0,
        dry_run=dry_run,
        changes=_changes(before, after),
    )


def _changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    pairs = {name: (before.get(name), after.get(name)) for name in _SHOWN if name in after}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def _named(row: Mapping[Any, Any]) -> dict[str, Any]:
    return {str(name): value for name, value in row.items()}


def _state(row: Mapping[str, Any]) -> str:
    return State(int(row.get("state", 0))).name.lower()


def _problem(action: Action, problem: Refusal, dry_run: bool) -> ActReport:
    return ActReport(
        action.hazard, action.event, _REFUSED, "problem", (), "", "", 0, dry_run, {}, problem
    )
