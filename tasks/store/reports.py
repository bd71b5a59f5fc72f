"""Reports from the public and enforcement as the store holds them: findings, steps, events beside.

Frames for `rules.reports` and `rules.enforcement`; who a reporter is lies in the vault and in no
table here. A report whose hazard was joined to another one, by identity or by a fact `merged`, has
that hazard as its `case_id`: what is true of it is true of the report, and its answer is the same.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
import pandas as pd
from sqlalchemy import ColumnElement, Connection, Table, and_, func, select

from rules.facts import latest_revisions
from schemas.period import FOREVER
from schemas.tables import event
from schemas.tables_projections import fact_note, finding, hazard_span, side_step
from schemas.vocabulary import Channel, FactKind, ReportStep, Severity, State
from tasks.intake.streams import hazard_id
from tasks.store import bulk, lookups
from tasks.store.standing import standing

_F, _S, _D, _E = finding.c, hazard_span.c, side_step.c, event.c
_KINDS = [step.value for step in ReportStep]
# What a step may show of its payload: nothing that a source says beyond these is passed on.
SHOWN = ("organisation", "person", "second_person", "reason", "target", "reply", "amount_fen")


def findings(
    connection: Connection, county: str, roots: Iterable[str] | None = None
) -> pd.DataFrame:
    """Reports, of these hazards or all: rules.reports.FINDING_COLUMNS, source, source_id, case_id.

    Town and sector are those of its hazard now; received_at is when it was made.
    """
    query = (
        select(
            *(_F.stream_id, _F.root_id, _F.source, _F.source_id, _F.unit_name),
            _F.found_at.label("received_at"),
            *(_S.town_code, _S.sector_code, _S.state, _S.severity, _S.verified_at),
        )
        .join(hazard_span, and_(_S.county == _F.county, _S.root_id == _F.root_id))
        .where(_F.county == county, _F.channel == Channel.PUBLIC_REPORT.value)
        .where(_S.seq_to == FOREVER, _S.claimed_to == FOREVER)
    )
    if roots is None:
        return _with_cases(connection, county, bulk.select(connection, query))
    with bulk.keys(connection, roots) as wanted:
        found = bulk.select(connection, query.where(_F.root_id.in_(wanted)))
    return _with_cases(connection, county, found)


def _with_cases(connection: Connection, county: str, found: pd.DataFrame) -> pd.DataFrame:
    merged = found.loc[found["state"] == State.MERGED, "root_id"].unique()
    into = merged_into(connection, county, merged)
    cases = standing(connection, county, set(into.values())).set_index("root_id")
    found = found.assign(case_id=found["root_id"].map(into).astype("str").fillna(found["root_id"]))
    joined = (found["case_id"] != found["root_id"]).to_numpy(dtype=bool)
    facts = {
        name: found[name].where(~joined, found["case_id"].map(cases[name])).astype("int64")
        for name in ("state", "severity", "verified_at")
    }
    return found.drop(columns=[*facts]).assign(
        true_at=facts["verified_at"].where(facts["state"] != State.REJECTED, 0),
        is_major=facts["severity"] == Severity.MAJOR,
    )


def merged_roots(connection: Connection, county: str) -> list[str]:
    """The merged hazards that members of the public reported."""
    query = (
        select(_F.root_id)
        .join(hazard_span, and_(_S.county == _F.county, _S.root_id == _F.root_id))
        .where(_F.county == county, _F.channel == Channel.PUBLIC_REPORT.value)
        .where(_S.seq_to == FOREVER, _S.claimed_to == FOREVER, _S.state == int(State.MERGED))
    )
    return [row.root_id for row in connection.execute(query.distinct())]


def merged_into(connection: Connection, county: str, roots: Iterable[str]) -> dict[str, str]:
    """Where merged hazards went in the end, by root; those whose target nobody knows are left out.

    A chain is followed to its end, and a ring is left where it closes.
    """
    goes: dict[str, str] = {}
    asked = list(roots)
    while asked:
        goes |= (found := _targets(connection, county, asked))
        further = standing(connection, county, set(found.values()) - set(goes))
        asked = further.loc[further["state"] == State.MERGED, "root_id"].tolist()
    return {root: _followed(goes, root) for root in goes}


def _followed(goes: dict[str, str], root: str) -> str:
    seen = {root}
    while (after := goes.get(root)) is not None and after not in seen:
        seen.add(root := after)
    return root


def _targets(connection: Connection, county: str, roots: list[str]) -> dict[str, str]:
    """The hazard that each of these was merged into, by the facts that took effect."""
    members = lookups.members_of(connection, county, roots).set_index("stream_id")
    facts = lookups.facts_of(connection, county, members.index)
    told = latest_revisions(facts[facts["kind"] == FactKind.MERGED.value])
    told = told[~told["seq"].isin(_noted(connection, county, roots)) & told["target"].notna()]
    told = told.sort_values(["claimed_at", "source", "source_id"])
    own, root = told["stream_id"].map(members["source"]), told["stream_id"].map(members["root_id"])
    rows = zip(root, told["target"], own, told["source"], strict=True)
    named = {root: _names(target, *sources) for root, target, *sources in rows}
    known = lookups.roots_of(connection, county, {n for names in named.values() for n in names})
    goes = {root: next((n for n in names if n in known.index), "") for root, names in named.items()}
    found = {root: str(known[name]) for root, name in goes.items() if name}
    return {root: target for root, target in found.items() if target != root}


def _names(target: str, *sources: str) -> list[str]:
    """The streams that a target may mean: an id of ours, `source:number`, a bare number."""
    source, _, number = target.partition(":")
    return [target, hazard_id(source, number), *(hazard_id(s, target) for s in sources)]


def _noted(connection: Connection, county: str, roots: list[str]) -> list[int]:
    """Facts of these hazards that did not simply apply."""
    n = fact_note.c
    query = select(n.event_seq).where(n.county == county, n.seq_to == FOREVER)
    with bulk.keys(connection, roots) as wanted:
        return bulk.select(connection, query.where(n.root_id.in_(wanted)))["event_seq"].tolist()


def steps(
    connection: Connection, county: str, streams: Iterable[str] | None = None
) -> pd.DataFrame:
    """Steps of reports, of these or of all: rules.reports.STEP_COLUMNS and event_seq.

    `target` is filled for transfers only.
    """
    query = select(_D.event_seq, _D.stream_id, _D.kind, _D.claimed_at, _D.amount_fen)
    query = query.where(_D.county == county, _D.seq_to == FOREVER, _D.kind.in_(_KINDS))
    if streams is None:
        found = bulk.select(connection, query)
    else:
        with bulk.keys(connection, streams) as wanted:
            found = bulk.select(connection, query.where(_D.stream_id.in_(wanted)))
    if not (found["kind"] == ReportStep.TRANSFERRED).any():
        return found.assign(target=pd.Series(dtype="str", index=found.index))
    passed_on = entered(connection, county, [ReportStep.TRANSFERRED.value])
    targets = {seq: told.said.get("target") for seq, told in passed_on.items()}
    return found.assign(target=found["event_seq"].map(targets).astype("str"))


@dataclass(frozen=True)
class Entered:
    """Who told of a step, and what was said: fields of SHOWN that are filled."""

    actor: str
    source: str
    said: dict[str, Any]


def entered(
    connection: Connection, county: str, kinds: Sequence[str], stream: str | None = None
) -> dict[int, Entered]:
    """The events of the side steps of these kinds, of one finding or of all, by their seq."""
    query = (
        select(_E.seq, _E.actor, _E.source, _E.payload)
        .join(side_step, and_(_D.county == _E.county, _D.event_seq == _E.seq))
        .where(_D.county == county, _D.seq_to == FOREVER, _D.kind.in_(list(kinds)))
    )
    if stream is not None:
        query = query.where(_D.stream_id == stream)
    return {
        row.seq: Entered(row.actor, row.source, _shown(orjson.loads(row.payload)))
        for row in connection.execute(query)
    }


def _shown(payload: dict[str, Any]) -> dict[str, Any]:
    return {name: payload[name] for name in SHOWN if name in payload}


def beside(
    connection: Connection,
    county: str,
    kinds: Sequence[str],
    start: int,
    end: int,
    watermark: int | None = None,
) -> pd.DataFrame:
    """What of these kinds was claimed in [start, end), as known now or at a watermark.

    event_seq, stream_id, kind, claimed_at, amount_fen, and town_code, sector_code of the hazard at
    that time. Which finding belongs to which hazard is as decided today.
    """
    seen = FOREVER - 1 if watermark is None else watermark
    held = and_(
        *(_S.county == _D.county, _S.root_id == _F.root_id, *_known(hazard_span, seen)),
        *(_S.claimed_from <= _D.claimed_at, _S.claimed_to > _D.claimed_at),
    )
    query = (
        select(
            *(_D.event_seq, _D.stream_id, _D.kind, _D.claimed_at, _D.amount_fen),
            func.coalesce(_S.town_code, _F.town_code).label("town_code"),
            func.coalesce(_S.sector_code, _F.sector_code).label("sector_code"),
        )
        .join(finding, and_(_F.county == _D.county, _F.stream_id == _D.stream_id))
        .outerjoin(hazard_span, held)
        .where(_D.county == county, _D.kind.in_(list(kinds)), *_known(side_step, seen))
        .where(_D.claimed_at >= start, _D.claimed_at < end)
    )
    return bulk.select(connection, query)


def _known(table: Table, seq: int) -> tuple[ColumnElement[bool], ...]:
    return table.c.seq_from <= seq, table.c.seq_to > seq
