"""The five elements 责任、措施、时限、资金、预案 of one hazard and interim control, by versions.

Promise: what was filed is never overwritten. A filing that changes what holds is a version with its
filer, times and evidence; which one is in force agrees with the fold (`rules.lives`): the last that
counted, until the hazard is sent back; of deadlines, those that the fold took. The original
deadline stays beside the one in force. What is missing is always listed by name (domain §3).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache

from rules.elements import PLAN_IN_FORCE, PROVIDED_BY, Need, names
from rules.lifecycle import needs
from schemas.period import DAY_MS
from schemas.vocabulary import FactKind, Severity

Values = Mapping[str, str | int]

# What an element consists of; the first columns are those that provide it (`PROVIDED_BY`).
FIELDS: Mapping[Need, tuple[str, ...]] = {
    Need.RESPONSIBILITY: (
        *("responsible_unit", "responsible_lead", "responsible_post"),
        "supervising_department",
    ),
    Need.MEASURES: ("measures", "goal"),
    Need.DEADLINE: ("due_at", "milestones"),
    Need.FUNDING: ("funding_planned_fen", "funding_source", "funding_spent_fen"),
    Need.PLAN: ("plan_reference", "plan_date", "drilled_on"),
    Need.INTERIM_CONTROL: ("interim_control", "interim_from", "interim_until"),
}
ELEMENTS = tuple(FIELDS)
_FILED = tuple(e for e in ELEMENTS if e is not Need.DEADLINE)


class Standing(StrEnum):
    """What became of a version."""

    IN_FORCE = "in_force"
    REPLACED = "replaced"
    WITHDRAWN = "withdrawn"  # the hazard was sent back: it must be said anew
    VOIDED = "voided"
    INCOMPLETE = "incomplete"  # it lacks what makes the element
    WITHOUT_EFFECT = "without_effect"  # the hazard was not open, or another deadline held


@dataclass(frozen=True)
class Filing:
    """One fact of a hazard and what the fold made of it; `counts`: the data it brings were filed.

    Times are UTC ms; `said` is its payload, dates as 24:00 of the day.
    """

    seq: int
    kind: FactKind
    said: Values
    person: str
    second_person: str
    organisation: str
    source: str
    claimed_at: int
    received_at: int
    counts: bool = True
    applied: bool = True
    voided: bool = False


@dataclass(frozen=True)
class Step:
    """One row of the life: what held from `at` on; `by` is the position of the filing behind it."""

    at: int
    by: int
    due_at: int
    original_due_at: int


@dataclass(frozen=True)
class Version:
    """What held of one element since `since`, who filed it, and what became of it."""

    element: Need
    values: Values
    filing: Filing
    since: int
    standing: Standing = Standing.IN_FORCE

    @property
    def missing(self) -> tuple[str, ...]:
        """The fields without which this is no element."""
        return tuple(f for f in _makes(self.element) if f not in self.values)

    @property
    def starts_at(self) -> int:
        """Interim control: from its first day on, or since it was filed."""
        first = int(self.values.get("interim_from", 0))
        return max(first - DAY_MS, self.since) if first else self.since

    @property
    def ends_at(self) -> int:
        """Interim control: the end of its last day; 0: until further notice."""
        return int(self.values.get("interim_until", 0))


@dataclass(frozen=True)
class Elements:
    """All versions of a hazard's elements, oldest first."""

    versions: Mapping[Need, tuple[Version, ...]]
    due_at: int
    original_due_at: int

    def in_force(self, element: Need, at: int) -> Version | None:
        """The version that holds at `at` (UTC ms): interim control may not have begun, or ended."""
        held = [v for v in self.versions[element] if v.standing is Standing.IN_FORCE]
        if not held or (element is Need.INTERIM_CONTROL and not _covers(held[-1], at)):
            return None
        return held[-1]

    def missing(self, severity: Severity, at: int) -> tuple[str, ...]:
        """What a hazard of this severity must have to be worked on and has not, by name."""
        absent = (n for n in ELEMENTS if n & needed(severity) and self.in_force(n, at) is None)
        return tuple(name for need in absent for name in names(need))


def needed(severity: Severity) -> Need:
    """Which elements this severity asks for before the work begins."""
    return needs(FactKind.STARTED, severity) & PLAN_IN_FORCE


@cache  # few different pairs, asked for every row of a list
def lacking(elements: int, severity: int) -> tuple[str, ...]:
    """What this severity asks for and nobody filed, by name; elements: bits of `Need`."""
    return names(int(needed(Severity(severity))) & ~elements)


def elements_of(filings: Sequence[Filing], steps: Sequence[Step]) -> Elements:
    """Versions from a hazard's facts and the rows of its life, both in the fold's order."""
    versions: dict[Need, tuple[Version, ...]] = {n: _filed(n, filings) for n in _FILED}
    versions[Need.DEADLINE] = _deadlines(filings, steps)
    last = steps[-1] if steps else Step(0, 0, 0, 0)
    return Elements(versions, last.due_at, last.original_due_at)


def _makes(element: Need) -> tuple[str, ...]:
    return ("due_at",) if element is Need.DEADLINE else PROVIDED_BY[element]


def _covers(version: Version, at: int) -> bool:
    return version.starts_at <= at and (not version.ends_at or at < version.ends_at)


# -- what is filed ---------------------------------------------------------------------------------


def _filed(element: Need, filings: Iterable[Filing]) -> tuple[Version, ...]:
    versions: list[Version] = []
    held: Version | None = None
    for filing in filings:
        if said := _picked(element, filing):
            version = _version(element, said, filing, held)
            if version.standing is not Standing.IN_FORCE:
                versions.append(version)
            elif held is None or version.values != held.values:
                _end(versions, held, Standing.REPLACED)
                versions.append(version)
                held = version
        if element is Need.RESPONSIBILITY and _sends_back(filing):
            _end(versions, held, Standing.WITHDRAWN)
            held = None
    return tuple(versions)


def _picked(element: Need, filing: Filing) -> dict[str, str | int]:
    return {f: filing.said[f] for f in FIELDS[element] if filing.said.get(f) is not None}


def _version(
    element: Need, said: dict[str, str | int], filing: Filing, held: Version | None
) -> Version:
    """The filing as a version, on top of the one that holds where it adds to that."""
    alone = Version(element, said, filing, filing.claimed_at)
    if not filing.counts:
        standing = Standing.VOIDED if filing.voided else Standing.WITHOUT_EFFECT
        return replace(alone, standing=standing)
    if element is Need.INTERIM_CONTROL:  # filed anew each time, with its own days
        return replace(alone, standing=Standing.INCOMPLETE) if alone.missing else alone
    if held is not None and (alone.missing or _same(element, said, held)):
        return replace(alone, values={**held.values, **said})
    return replace(alone, standing=Standing.INCOMPLETE) if alone.missing else alone


def _same(element: Need, said: Values, held: Version) -> bool:
    return all(said[f] == held.values[f] for f in _makes(element))


def _sends_back(filing: Filing) -> bool:
    return filing.kind is FactKind.BOUNCED and filing.applied


def _end(versions: list[Version], held: Version | None, standing: Standing) -> None:
    if held is not None:
        place = max(i for i, v in enumerate(versions) if v is held)
        versions[place] = replace(held, standing=standing)


# -- deadlines -------------------------------------------------------------------------------------


def _deadlines(filings: Sequence[Filing], steps: Sequence[Step]) -> tuple[Version, ...]:
    """Every deadline that the life had, and those that were named and never held."""
    taken: list[Version] = []
    due = 0
    for step in steps:
        if step.due_at != due:
            ended = Standing.REPLACED if step.due_at else Standing.WITHDRAWN
            _end(taken, taken[-1] if due else None, ended)
            if step.due_at:
                filing, since = _named_by(filings, step)
                values = _dated(step.due_at, filing)
                taken.append(Version(Need.DEADLINE, values, filing, since))
            due = step.due_at
    used = {version.filing.seq for version in taken}
    others = [v for f in filings if f.seq not in used and (v := _unused(f, steps)) is not None]
    return tuple(sorted([*taken, *others], key=lambda v: v.since))


def _dated(due_at: int, filing: Filing) -> dict[str, str | int]:
    milestones = filing.said.get("milestones")
    return {"due_at": due_at} | ({} if milestones is None else {"milestones": milestones})


def _brings(filing: Filing, due_at: int) -> bool:
    return due_at in (filing.said.get("due_general"), filing.said.get("due_major"))


def _named_by(filings: Sequence[Filing], step: Step) -> tuple[Filing, int]:
    """Who named the date of this step, and since when it holds: its own fact, or one before it."""
    own = filings[step.by]
    if _brings(own, step.due_at):
        return own, step.at
    before = (f for f in reversed(filings) if f.claimed_at <= step.at and _brings(f, step.due_at))
    filing = next(before, own)
    return filing, filing.claimed_at


def _unused(filing: Filing, steps: Sequence[Step]) -> Version | None:
    """A date that was named and did not become the deadline; an application names none."""
    due = filing.said.get("due_date")
    if due is None or filing.kind is FactKind.EXTENSION_ASKED:
        return None
    held = next((s.due_at for s in reversed(steps) if s.at <= filing.claimed_at), 0)
    if due == held:
        return None
    standing = Standing.VOIDED if filing.voided else Standing.WITHOUT_EFFECT
    values = _dated(int(due), filing)
    return Version(Need.DEADLINE, values, filing, filing.claimed_at, standing)
