"""What new findings and updates do to a county's hazards: event drafts and changed projections.

Decided on whole frames against one head of the ledger; nothing is written here. Updates whose
hazard has not come are set aside by `split_waiting` before anything is decided.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from rules.deadlines import default_dues
from rules.facts import prepare
from rules.fold import fold
from rules.identity_names import place_keys
from rules.periods import midnight
from schemas.records import SHAPES
from schemas.tables_projections import fact_note, finding, hazard_span, identity_link, side_step
from schemas.vocabulary import SIDE_KINDS, FactKind, RecordKind, StreamKind
from tasks.intake.clusters import NO_LINKS, Clusters, cluster, in_order
from tasks.intake.drafts import Taking, draft, link_drafts
from tasks.intake.frames import rows_where
from tasks.intake.streams import stream_ids
from tasks.store import lookups
from tasks.store.changes import GROUP, Change
from tasks.store.engine import Connection
from tasks.store.spans import change, notes_of, side_steps_of, spans_of

_TERM_STARTS = (FactKind.ASSIGNED.value, FactKind.REOPENED.value)
_ROW_COLUMNS = ("line", "claimed_at", "row_digest", "stream_id", "is_latest")
_FINDING_COLUMNS = [c.name for c in finding.columns if c.name != "county"]


@dataclass(frozen=True)
class HazardDecision:
    """Drafts in ledger order, `group` numbering the clusters, and the changes they cause."""

    drafts: pd.DataFrame
    changes: tuple[Change, ...]
    root_of: dict[str, str]  # cluster root of every stream at hand
    elsewhere: pd.Series  # lines of findings whose id was used for another place


def identified(taking: Taking, frame: pd.DataFrame, kind: RecordKind) -> pd.DataFrame:
    """Findings or updates with the stream each belongs to."""
    own = pd.Series(taking.declaration.name, index=frame.index, dtype="str")
    if kind is RecordKind.FINDING:
        return frame.assign(stream_id=stream_ids(StreamKind.HAZARD, own, frame["source_id"]))
    sources = frame["finding_source"].fillna(own)
    return frame.assign(stream_id=stream_ids(StreamKind.HAZARD, sources, frame["finding_id"]))


def both(
    findings: pd.DataFrame | None, updates: pd.DataFrame | None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Findings and updates as frames with all their columns, where one of them did not come."""
    blank = {
        kind: pd.DataFrame(columns=[*shape.names, *_ROW_COLUMNS]) for kind, shape in SHAPES.items()
    }
    return (
        blank[RecordKind.FINDING].astype({"is_latest": bool}) if findings is None else findings,
        blank[RecordKind.UPDATE] if updates is None else updates,
    )


def split_waiting(
    connection: Connection, county: str, updates: pd.DataFrame, findings: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """(updates whose hazard is known or comes along, updates that must wait for theirs)."""
    asked = updates.loc[~updates["stream_id"].isin(findings["stream_id"]), "stream_id"]
    known = lookups.roots_of(connection, county, asked.unique()).index
    has_hazard = ~updates["stream_id"].isin(asked) | updates["stream_id"].isin(known)
    return rows_where(updates, has_hazard), updates[~has_hazard]


def decide(
    connection: Connection,
    taking: Taking,
    findings: pd.DataFrame,
    updates: pd.DataFrame,
    head_seq: int,
    decided: pd.DataFrame = NO_LINKS,
) -> HazardDecision:
    """Decide on rows that say something new (`stream_id` set), and on links an operator decided.

    Frames may be empty, not all three.
    """
    county = taking.county.code
    streams = pd.concat([findings["stream_id"], updates["stream_id"]]).unique()
    lengths = lookups.stream_lengths(connection, county, streams)
    stored = lookups.findings_by_stream(connection, county, streams).set_index("stream_id")
    known = stored["root_id"]
    findings = _with_opening(taking, findings)
    rows = _finding_rows(taking, findings, stored["found_at"])
    fresh = ~rows["stream_id"].isin(known.index)
    clusters = cluster(connection, county, rows[fresh], taking.county.policy.identity, decided)
    root_of = pd.concat([clusters.root_of, known[~known.index.isin(clusters.root_of.index)]])
    updates = _with_policy_days(taking, _with_dues(connection, taking, updates, rows))
    drafts = _drafts(taking, findings, updates, clusters, lengths, root_of)
    seqs = np.arange(head_seq + 1, head_seq + 1 + len(drafts))
    groups = _groups(drafts, clusters)
    projections = _refold(connection, taking, drafts, seqs, root_of, groups)
    registry = _registry(rows, fresh, clusters, root_of, groups)
    changes = (*registry, *projections)
    return HazardDecision(drafts, changes, root_of.to_dict(), _elsewhere(findings, stored))


def _elsewhere(findings: pd.DataFrame, stored: pd.DataFrame) -> pd.Series:
    """Lines of findings at another place than the one their id was known at, or sent at first."""
    placed = findings.loc[
        findings["place_id"].notna(), ["line", "stream_id", "sent_at", "place_id"]
    ]
    first = placed.sort_values("sent_at", kind="stable").drop_duplicates("stream_id")
    known = stored.loc[stored["place_key"] != "", "place_key"]
    place = placed["stream_id"].map(known).astype("str")
    place = place.fillna(placed["stream_id"].map(first.set_index("stream_id")["place_id"]))
    return placed.loc[placed["place_id"] != place, "line"]


def _finding_rows(taking: Taking, findings: pd.DataFrame, first_found: pd.Series) -> pd.DataFrame:
    """Findings as rows of the `finding` table, latest revision of each stream.

    But found when it was registered first: that decides which member of a cluster is its root,
    and a decision once recorded does not move with a revision.
    """
    latest = findings[findings["is_latest"]].sort_values(["sent_at", "row_digest"], kind="stable")
    latest = latest.drop_duplicates("stream_id", keep="last")
    blank_text = {c: latest[c].fillna("") for c in ("category", "unit_name")}
    earliest = findings.groupby("stream_id")["claimed_at"].min()
    found = latest["stream_id"].map(first_found).fillna(latest["stream_id"].map(earliest))
    keys = place_keys(latest, taking.county.place_prefixes)
    return latest.assign(
        source=taking.declaration.name,
        found_at=found.astype("int64"),
        **blank_text,
        **{str(name): keys[name] for name in keys},
    )[[c for c in _FINDING_COLUMNS if c != "root_id"]]


def _with_dues(
    connection: Connection, taking: Taking, updates: pd.DataFrame, rows: pd.DataFrame
) -> pd.DataFrame:
    """Due dates by severity: as named, else by policy where a term starts (domain §3)."""
    dues = pd.DataFrame(dict.fromkeys(("due_general", "due_major"), updates["due_date"]))
    term = (updates["event"].isin(_TERM_STARTS) & updates["due_date"].isna()).to_numpy(dtype=bool)
    if term.any():
        channel = _channels(connection, taking.county.code, updates.loc[term, "stream_id"], rows)
        claimed = updates.loc[term, "claimed_at"].to_numpy(dtype="int64")
        policy = taking.county.policy
        dues.loc[term] = default_dues(claimed, channel, policy.deadlines, taking.county.days)
    return updates.assign(due_general=dues["due_general"], due_major=dues["due_major"])


def _with_opening(taking: Taking, findings: pd.DataFrame) -> pd.DataFrame:
    """`opening` on what was found before the county began to keep this ledger (domain §2)."""
    live = taking.county.policy.go_live
    start = midnight(live, taking.county.zone) if live else 0
    before = findings["claimed_at"].astype("int64") < start
    opening = pd.Series(1, findings.index, dtype="Int64")
    return findings.assign(opening=opening.where(before))


def _with_policy_days(taking: Taking, updates: pd.DataFrame) -> pd.DataFrame:
    """The days that the policy of today asks of these facts: a later one rewrites nothing."""
    policy = taking.county.policy
    asked = {
        FactKind.EXTENSION_ASKED.value: policy.extension.listed_notice_working_days,
        FactKind.EXTENDED.value: policy.extension.listed_notice_working_days,
        FactKind.PRODUCTION_RESUMED.value: policy.production.resumption_review_days,
    }
    return updates.assign(policy_days=updates["event"].map(asked).astype("Int64"))


def _channels(
    connection: Connection, county: str, streams: pd.Series, rows: pd.DataFrame
) -> np.ndarray:
    here = rows.set_index("stream_id")["channel"]
    others = streams[~streams.isin(here.index)].unique()
    known = lookups.findings_by_stream(connection, county, others).set_index("stream_id")["channel"]
    return streams.map(pd.concat([here, known])).to_numpy(dtype=object)


def _drafts(
    taking: Taking,
    findings: pd.DataFrame,
    updates: pd.DataFrame,
    clusters: Clusters,
    lengths: pd.Series,
    root_of: pd.Series,
) -> pd.DataFrame:
    """Drafts of all, cluster by cluster, with root_id, group and the columns the fold reads."""
    frames = [link_drafts(taking, clusters.links, findings)]
    for rows, record in ((findings, RecordKind.FINDING), (updates, RecordKind.UPDATE)):
        if rows.empty:
            continue
        rows = rows.assign(base_version=rows["stream_id"].map(lengths).fillna(0))
        is_finding = record is RecordKind.FINDING
        kinds = pd.Series(FactKind.REGISTERED.value, rows.index) if is_finding else rows["event"]
        extra = ("opening",) if is_finding else ("due_general", "due_major", "policy_days")
        made = draft(taking, rows, record, StreamKind.HAZARD, kinds, extra)
        read = rows[[c for c in lookups.FOLD_PAYLOAD if c in rows.columns]]
        frames.append(pd.concat([made, read], axis=1))
    drafts = pd.concat(frames[1:] + frames[:1], ignore_index=True)
    drafts = drafts.assign(**{c: None for c in lookups.FOLD_PAYLOAD if c not in drafts.columns})
    drafts["root_id"] = drafts["stream_id"].map(root_of)
    family = drafts["root_id"].map(clusters.families).astype("str").fillna(drafts["root_id"])
    drafts[GROUP] = pd.factorize(family)[0]
    return drafts.sort_values([GROUP, "claimed_at"], kind="stable", ignore_index=True)


def _groups(drafts: pd.DataFrame, clusters: Clusters) -> pd.Series:
    """The group of every root that changes: of those with events, and of those they gave to or
    took members from, which change in the same slice."""
    own = drafts.drop_duplicates("root_id").set_index("root_id")[GROUP]
    families = clusters.families
    others = families[~families.index.isin(own.index)]
    of_family = own.groupby(families.reindex(own.index)).first()
    return pd.concat([own, others.map(of_family).dropna().astype(own.dtype)])


def _refold(
    connection: Connection,
    taking: Taking,
    drafts: pd.DataFrame,
    seqs: np.ndarray,
    root_of: pd.Series,
    groups: pd.Series,
) -> tuple[Change, ...]:
    """Fold every touched cluster anew from its old facts and these."""
    county = taking.county.code
    members = lookups.members_of(connection, county, groups.index).set_index("stream_id")
    old = lookups.facts_of(connection, county, members.index)
    roots = pd.concat([members["root_id"], root_of])
    old["root_id"] = old["stream_id"].map(roots[~roots.index.duplicated(keep="last")])
    columns = [c for c in old.columns if c in drafts.columns or c == "seq"]
    new = drafts.assign(seq=seqs)[drafts["kind"].isin(lookups.FOLDED)]
    facts_frame = pd.concat([old[columns], new[columns]], ignore_index=True)
    facts = prepare(facts_frame)
    folded = fold(facts, taking.county.fold_policy)
    spans = spans_of(facts, folded)
    notes = notes_of(facts, folded, facts_frame["seq"].to_numpy(dtype="int64"))
    projections = (
        change(connection, county, hazard_span, spans, groups.index, groups),
        change(connection, county, fact_note, notes, groups.index, groups),
    )
    if not facts_frame["kind"].isin(SIDE_KINDS).any():
        return projections
    owners = roots.map(groups).dropna()
    owners = owners[~owners.index.duplicated(keep="last")]
    beside = side_steps_of(facts_frame, facts)
    return (*projections, change(connection, county, side_step, beside, owners.index, owners))


def _registry(
    rows: pd.DataFrame,
    fresh: pd.Series,
    clusters: Clusters,
    root_of: pd.Series,
    groups: pd.Series,
) -> tuple[Change, Change]:
    """Changed rows of `finding` (new, revised, moved to another root) and new links."""
    rows = rows.assign(root_id=rows["stream_id"].map(root_of))
    moved = clusters.moved[~clusters.moved["stream_id"].isin(rows["stream_id"])]
    begun = pd.concat([rows, moved[rows.columns]], ignore_index=True)
    begun[GROUP] = begun["root_id"].map(groups)
    replaced = begun[~begun["stream_id"].isin(rows.loc[fresh, "stream_id"])]
    links = in_order(clusters.links).set_axis(["stream_a", "stream_b", "score"], axis=1)
    links[GROUP] = links["stream_a"].map(root_of).map(groups)
    return (
        Change(finding, begun, ("stream_id",), replaced[["stream_id", GROUP]]),
        Change(identity_link, links, ("stream_a", "stream_b"), links),
    )
