"""What must hold of the projections whatever was told, in whatever order; cheap, for any step.

Read from the tables by plain SQL and walked through hazard by hazard; nothing of the rules is used
but the spelling of states and kinds.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import orjson

from schemas.vocabulary import FactKind, Severity, State
from tasks.store.engine import reading
from tasks.store.standing import awaiting
from tests.machine.county import Home
from tests.rules.oracle_story import Row, latest

FOREVER = 4_000_000_000_000_000_000
OPEN = (State.REGISTERED, State.VERIFIED, State.ASSIGNED, State.RECTIFYING, State.SUBMITTED)
FIVE_AND_CONTROL = 0b111111
KINDS = tuple(FactKind)
# Where a term begins, and what may set another date within one.
_NEW_TERM = (FactKind.BOUNCED, FactKind.REOPENED)
_NEW_DATE = (*_NEW_TERM, FactKind.EXTENDED, FactKind.MOVED, FactKind.CONTINUED)
_COLUMNS = ("ordinal", "claimed_from", "claimed_to", "entered_by", "state", "severity", "elements",
            "due_at", "original_due_at", "accepted_at", "closed_at", "self_check")  # fmt: skip


@dataclass(frozen=True)
class Span:
    """One row of `hazard_span`, with its kind as a word."""

    ordinal: int
    start: int
    end: int
    kind: FactKind
    state: State
    severity: Severity
    elements: int
    due_at: int
    original_due_at: int
    accepted_at: int
    closed_at: int
    self_check: int


def lives(home: Home) -> dict[str, list[Span]]:
    """What every hazard is known to have been, in order."""
    found = defaultdict(list)
    for root, *values in home.query(
        f"SELECT root_id, {', '.join(_COLUMNS)} FROM hazard_span WHERE seq_to > {FOREVER}"
        " ORDER BY root_id, ordinal"
    ):
        ordinal, start, end, kind, state, severity, *rest = values
        span = Span(ordinal, start, end, KINDS[kind], State(state), Severity(severity), *rest)
        found[root].append(span)
    return found


def broken(home: Home, known: dict[str, list[Span]]) -> list[str]:
    """What does not hold, one sentence each. known: `lives` as they are now."""
    found = [
        f"{root}: {said}" for root, spans in known.items() for law in LAWS for said in law(spans)
    ]
    laws = (_one_life_each, _open_list, _accepted_by_another)
    return [*found, *(said for law in laws for said in law(home, known)), *_rungs(home)]


# -- of one hazard --------------------------------------------------------------------------------


def _one_present(spans: list[Span]) -> Iterator[str]:
    """Spans follow each other without a gap or an overlap, and the last one lasts."""
    ends = [span.end for span in spans if span.end > FOREVER]
    if len(ends) != 1:
        yield f"{len(ends)} present spans"
    if [span.ordinal for span in spans] != list(range(len(spans))):
        yield f"spans are numbered {[span.ordinal for span in spans]}"
    for one, other in pairwise(spans):
        if one.end != other.start or one.start > one.end:
            yield f"{one} is not followed by {other}"


def _begins_registered(spans: list[Span]) -> Iterator[str]:
    if spans[0].kind is not FactKind.REGISTERED or spans[0].state is not State.REGISTERED:
        yield f"begins with {spans[0]}"


def _closed_after_acceptance(spans: list[Span]) -> Iterator[str]:
    """Nothing is closed but what was accepted after it was handed in last."""
    accepted = False
    for span in spans:
        if span.kind in (FactKind.SUBMITTED, FactKind.ACCEPTANCE_FAILED, FactKind.REOPENED):
            accepted = False
        elif span.kind is FactKind.ACCEPTANCE_PASSED:
            accepted = True
        elif span.kind is FactKind.CLOSED and not accepted:
            yield f"closed without an acceptance: {span}"
        if span.state is State.CLOSED and not (span.accepted_at and span.closed_at):
            yield f"closed, and not accepted or not dated: {span}"


def _major_starts_with_its_plan(spans: list[Span]) -> Iterator[str]:
    for span in spans:
        starts = span.kind is FactKind.STARTED and span.severity is Severity.MAJOR
        if starts and span.elements != FIVE_AND_CONTROL:
            yield f"a major hazard started with {span.elements:06b}"


def _dates_stand(spans: list[Span]) -> Iterator[str]:
    """Within a term the original date stays, and the date in force moves by decision only."""
    for one, other in pairwise(spans):
        if one.original_due_at not in (0, other.original_due_at) and other.kind not in _NEW_TERM:
            yield f"the original date {one.original_due_at} was rewritten: {other}"
        if one.due_at not in (0, other.due_at) and other.kind not in _NEW_DATE:
            yield f"the date {one.due_at} was moved: {other}"
        if bool(other.due_at) != bool(other.original_due_at):
            yield f"a date without an original one: {other}"


LAWS = (
    _one_present,
    _begins_registered,
    _closed_after_acceptance,
    _major_starts_with_its_plan,
    _dates_stand,
)

# -- of the county --------------------------------------------------------------------------------


def _one_life_each(home: Home, known: dict[str, list[Span]]) -> Iterator[str]:
    """Every finding belongs to one hazard, and every hazard to a finding."""
    roots = {root for (root,) in home.query("SELECT root_id FROM finding")}
    if roots != set(known):
        yield f"hazards without a life or lives without a finding: {roots ^ set(known)}"


def _open_list(home: Home, known: dict[str, list[Span]]) -> Iterator[str]:
    """Whatever is open and not accepted is on the list that the clocks run for, overdue or not."""
    with reading(home.county.engine) as connection:
        listed = awaiting(connection, home.county.code)
    due = dict(zip(listed["root_id"].tolist(), listed["due_at"].tolist(), strict=True))
    wanted = {
        root: spans[-1].due_at
        for root, spans in known.items()
        if spans[-1].state in OPEN and not spans[-1].accepted_at
    }
    if due != wanted:
        yield f"open list: {sorted(due.items() ^ wanted.items())}"


def _accepted_by_another(home: Home, known: dict[str, list[Span]]) -> Iterator[str]:
    """Where one unit only was ever named, it has accepted nothing itself.

    Save a general self-check item, by a person who is named.
    """
    units = defaultdict(set)
    for root, payload in home.query(
        "SELECT f.root_id, e.payload FROM event e JOIN finding f"
        " ON f.county = e.county AND f.stream_id = e.stream_id"
        " WHERE e.payload LIKE '%responsible_unit%'"
    ):
        if unit := orjson.loads(payload).get("responsible_unit"):
            units[root].add(unit)
    for root, fact in _acceptances(home):
        spans = [s for s in known[root] if s.start == fact["claimed_at"]]
        mine = [s for s in spans if s.kind is FactKind.ACCEPTANCE_PASSED]
        excused = [s for s in mine if s.self_check and not s.severity and fact.get("person")]
        if mine and not excused and units[root] == {fact["organisation"]}:
            yield f"{root}: accepted by {fact['organisation']}, who rectified it"


def _acceptances(home: Home) -> list[tuple[str, Row]]:
    """Those that took effect."""
    names = ("source", "record", "source_id", "sent_at", "row_digest", "claimed_at")
    found = home.query(
        f"SELECT f.root_id, e.seq, e.payload, {', '.join(f'e.{name}' for name in names)}"
        " FROM event e JOIN finding f ON f.county = e.county AND f.stream_id = e.stream_id"
        " WHERE e.kind = 'acceptance_passed'"
    )
    notes = f"SELECT event_seq FROM fact_note WHERE seq_to > {FOREVER}"
    noted = {seq for (seq,) in home.query(notes)}
    rows = [
        orjson.loads(payload) | dict(zip(names, rest, strict=True)) | {"root": root, "seq": seq}
        for root, seq, payload, *rest in found
    ]
    return [(row["root"], row) for row in latest(rows) if row["seq"] not in noted]


def _rungs(home: Home) -> Iterator[str]:
    """Each rung at most once for a hazard and a due date."""
    fired = "SELECT source_id FROM event WHERE kind = 'rung_fired'"
    once = f"SELECT source_id, count(*) FROM ({fired}) GROUP BY source_id HAVING count(*) > 1"
    yield from (f"a rung fired {times} times: {rung}" for rung, times in home.query(once))


def left_the_open_list(
    before: dict[str, list[Span]], after: dict[str, list[Span]], now: int
) -> list[str]:
    """Hazards that were open and overdue, are not open any more, and nothing says why."""
    exits = (FactKind.CLOSED, FactKind.REJECTED, FactKind.MERGED, FactKind.TRANSFERRED)
    return [
        root
        for root, spans in before.items()
        if spans[-1].state in OPEN
        and 0 < spans[-1].due_at <= now
        and root in after
        and after[root][-1].state not in OPEN
        and not any(span.kind in exits for span in after[root])
    ]
