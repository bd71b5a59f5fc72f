"""Reports from the public at work: who waits for an answer, one answer to all of a hazard, rewards.

Promise: a reply is one event per report and all of them one transaction; who was answered before is
left out and named, and nobody is answered whose report was neither accepted nor declined. Nothing
here moves a hazard. Who reported lies in the vault: here are numbers, towns, days and amounts.
"""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import pandas as pd

from rules import enforcement
from rules import reports as rules
from rules.redaction import holds
from rules.report_steps import judged
from schemas.vocabulary import Enforcement, ReportStep
from tasks.county import County
from tasks.entering import prepare
from tasks.store import ledger, lookups
from tasks.store import reports as store
from tasks.store.engine import Connection, reading

SOURCE = "operator"
REWARD = ReportStep.REWARDED
_KINDS = (*Enforcement, REWARD)
_STEPS, _MEASURES = frozenset(ReportStep), frozenset(Enforcement)


class ReportRefused(Exception):
    """What was asked cannot be done; the message names the reports and the next step."""


@dataclass(frozen=True)
class ReplyReport:
    """Who is answered, or would be; `already` had their reply before. Ids are `source:number`."""

    hazard: str
    answered: tuple[str, ...]
    already: tuple[str, ...]
    appended: int
    dry_run: bool


@dataclass(frozen=True)
class Verdict:
    """Whether something beside a hazard's life may be entered at the operator's door."""

    reason: str = ""
    missing: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        return not self.reason and not self.missing


# -- where reports stand --------------------------------------------------------------------------


def standing(county: County, now: int) -> pd.DataFrame:
    """Every report as `rules.reports.standing` gives it, with source, source_id and case_id."""
    with reading(county.engine) as connection:
        return _standing(connection, county, now)


def waiting(county: County, now: int) -> pd.DataFrame:
    """Reports on which something is owed, by what is due first: a reply, or a reward to come."""
    found = standing(county, now)
    owed = found[found["is_open"] | (found["next_step"] != "")]
    order = ["undated", "next_due", "stream_id"]
    owed = owed.assign(undated=owed["next_due"] == 0).sort_values(order, ignore_index=True)
    return owed.drop(columns="undated")


def of_hazard(county: County, hazard: str, now: int) -> pd.DataFrame:
    """The reports that wait for the same answer: of a hazard, and of those merged into it.

    hazard: the stream of any of its findings. Raises ReportRefused for an unknown one.
    """
    with reading(county.engine) as connection:
        return _of_case(connection, county, hazard, now)


def _of_case(connection: Connection, county: County, hazard: str, now: int) -> pd.DataFrame:
    root = lookups.roots_of(connection, county.code, [hazard]).get(hazard)
    if root is None:
        raise ReportRefused(f"{hazard!r} is no hazard of this county; copy the id from a list")
    merged = store.merged_roots(connection, county.code)
    into = store.merged_into(connection, county.code, {*merged, root})
    case = into.get(root, root)
    return _standing(connection, county, now, {case, *(r for r in into if into[r] == case)})


def _standing(
    connection: Connection, county: County, now: int, roots: Iterable[str] | None = None
) -> pd.DataFrame:
    found = store.findings(connection, county.code, roots)
    steps = store.steps(
        connection, county.code, None if roots is None else found["stream_id"].tolist()
    )
    return rules.standing(found, steps, county.policy.reports, county.days, now)


def shown(county: County, stream: str, now: int) -> dict[str, Any]:
    """One report: its row, and every step it was told of with what that said and waits for.

    Raises ReportRefused for a finding that no member of the public reported.
    """
    with reading(county.engine) as connection:
        root = lookups.roots_of(connection, county.code, [stream])
        found = _standing(connection, county, now, root.tolist())
        found = found[found["stream_id"] == stream]
        if found.empty:
            raise ReportRefused(f"{stream!r} is no report from the public; `bihuan report list`")
        told = judged(store.steps(connection, county.code, [stream]), found)
        entered = store.entered(connection, county.code, [*_STEPS], stream)
    told = told.sort_values(["claimed_at", "event_seq"])
    steps = [
        {name: row[name] for name in ("kind", "claimed_at", "effective_at", "waits_for")}
        | asdict(entered[row["event_seq"]])
        for row in told.to_dict("records")
    ]
    return _named(found.to_dict("records")[0]) | {"steps": steps}


def _named(row: Mapping[Hashable, Any]) -> dict[str, Any]:
    return {str(name): value for name, value in row.items()}


# -- the operator's door --------------------------------------------------------------------------


def verdicts(county: County, rows: Sequence[Mapping[str, Any]], now: int) -> list[Verdict]:
    """Whether an operator may enter each of these beside a hazard's life, in their order.

    rows: as they would be entered, money in fen; `stream_id` is the finding's own stream, not its
    cluster's root, for each report has steps of its own. What one row says the next one builds on.
    """
    streams = {row["stream_id"] for row in rows if row["event"] in _STEPS}
    known = _rows(county, streams, now) if streams else {}
    found = []
    for row in rows:
        report = known.get(row["stream_id"])
        found.append(_verdict(county, row, report))
        if found[-1].ok and report is not None:
            report[row["event"]] = row["happened_at"]
    return found


def _verdict(county: County, row: Mapping[str, Any], report: Mapping[str, Any] | None) -> Verdict:
    if row["event"] in _STEPS:
        step = ReportStep(row["event"])
        reason = rules.refusal(step, report, row, county.policy.reports)
        return Verdict(reason or "", () if reason else rules.missing(step, row))
    if row["event"] in _MEASURES:
        measure = Enforcement(row["event"])
        reason = enforcement.refusal(measure, row)
        return Verdict(reason or "", () if reason else enforcement.missing(measure, row))
    return Verdict()


def _rows(county: County, streams: Iterable[str], now: int) -> dict[str, dict[str, Any]]:
    """The reports among these findings, by stream."""
    with reading(county.engine) as connection:
        roots = lookups.roots_of(connection, county.code, streams)
        found = _standing(connection, county, now, roots.unique())
    rows = [_named(row) for row in found.to_dict("records")]
    return {row["stream_id"]: row for row in rows}


def reply(
    county: County, hazard: str, text: str, now: int, *, actor: str, dry_run: bool = True
) -> ReplyReport:
    """Answer every report of a hazard alike, in one transaction. Raises ReportRefused.

    hazard: the stream of any of its findings. Those already answered are left out and named.
    """
    if not text.strip():
        raise ReportRefused("a reply needs words: what was found, and what is being done")
    if holds(text, ()):
        raise ReportRefused(
            "the reply holds what looks like somebody's number or address; leave it out: whoever"
            " reported is answered by the desk that took the report, which knows them"
        )
    return ledger.settled(lambda: _reply(county, hazard, text.strip(), now, actor, dry_run))


def _reply(
    county: County, hazard: str, text: str, now: int, actor: str, dry_run: bool
) -> ReplyReport:
    with reading(county.engine) as connection:
        head = ledger.read_head(connection, county.code)
        found = _of_case(connection, county, hazard, now)
    _require_decided(hazard, found)
    owed = found[found["is_open"]]
    rows = [_reply_row(stream, text, now, actor) for stream in sorted(owed["stream_id"])]
    appended = 0
    if rows and not dry_run:
        entry = prepare(county, SOURCE, rows, now, actor)
        if entry.head != head:
            raise ledger.HeadMoved(county.code, head.seq, entry.head.seq)
        appended = entry.commit()
    case = str(found["case_id"].iloc[0])
    return ReplyReport(case, ids(owed), ids(found[~found["is_open"]]), appended, dry_run)


def _require_decided(hazard: str, found: pd.DataFrame) -> None:
    if found.empty:
        raise ReportRefused(f"nobody from the public reported {hazard}: there is no one to answer")
    undecided = found[found["state"] == rules.RECEIVED]
    if len(undecided):
        raise ReportRefused(
            f"{', '.join(ids(undecided))}: neither accepted nor declined; decide first, for example"
            f" `bihuan act {ids(undecided)[0]} report_accepted --apply`, then answer all"
        )


def _reply_row(stream: str, text: str, now: int, actor: str) -> dict[str, Any]:
    return {
        "stream_id": stream,
        "event": ReportStep.REPLIED.value,
        "happened_at": now,
        "reply": text,
        "person": actor,
    }


def ids(found: pd.DataFrame) -> tuple[str, ...]:
    """Reports by the number under which their source knows them, sorted."""
    return tuple(sorted(found["source"].astype("str") + ":" + found["source_id"].astype("str")))


# -- rewards and totals ---------------------------------------------------------------------------


def rewards(county: County, now: int) -> pd.DataFrame:
    """Every reward that was told: event_seq, stream_id, report, town_code, claimed_at, amount_fen,
    actor, effective_at (0: it does not count) and waits_for. To whom it went is in the vault."""
    with reading(county.engine) as connection:
        steps = store.steps(connection, county.code)
        paid = steps[(steps["kind"] == REWARD) & (steps["claimed_at"] <= now)]
        roots = lookups.roots_of(connection, county.code, paid["stream_id"].unique())
        found = _standing(connection, county, now, roots.unique())
        entered = store.entered(connection, county.code, [REWARD.value])
    told = judged(paid, found)
    known = found.set_index("stream_id")
    number = (known["source"] + ":" + known["source_id"]).reindex(told["stream_id"])
    town = known["town_code"].reindex(told["stream_id"])
    names = ("event_seq", "stream_id", "claimed_at", "amount_fen", "effective_at", "waits_for")
    made = told[[*names]].assign(
        report=number.to_numpy(),
        town_code=town.to_numpy(),
        actor=[entered[seq].actor for seq in told["event_seq"].tolist()],
    )
    return made.sort_values(["claimed_at", "event_seq"], ignore_index=True)


def totals(
    county: County, start: int, end: int, by: Sequence[str], now: int, kinds: Sequence[str] = _KINDS
) -> pd.DataFrame:
    """Enforcement and rewards claimed in [start, end), by columns of `store.reports.beside`.

    Columns: rules.enforcement.measures(kinds). Of rewards only those that count.
    """
    with reading(county.engine) as connection:
        events = store.beside(connection, county.code, kinds, start, min(end, now + 1))
    if REWARD in kinds:
        told = rewards(county, now)
        waits = told.loc[told["effective_at"] == 0, "event_seq"]
        events = events[~events["event_seq"].isin(waits)]
    return enforcement.totals(events, by, kinds)
