"""Which hazard a finding was part of at a watermark; `finding.root_id` is of the present."""

import orjson
import pandas as pd
from sqlalchemy import Connection, select

from rules.identity_clusters import components
from schemas.tables import event
from schemas.tables_projections import finding
from tasks.intake.clusters import in_order
from tasks.intake.drafts import LINKED, PARTED
from tasks.store import bulk
from tasks.store.measures import Cut, S, holds, visible

_E = event.c


def roots_at(connection: Connection, cut: Cut, streams: pd.Series) -> list[str]:
    """The hazard that each finding was part of at the watermark.

    Most are their own root. Only for the others the links are read that were known then.
    """
    with bulk.keys(connection, streams) as wanted:
        own = select(S.root_id).where(visible(cut), holds(cut.end), S.root_id.in_(wanted))
        alone = set(bulk.select(connection, own)["root_id"])
    if streams.isin(alone).all():
        return streams.tolist()
    known = _linked(connection, cut)
    return [s if s in alone else known.get(s, s) for s in streams.tolist()]


def _linked(connection: Connection, cut: Cut) -> dict[str, str]:
    """Finding → root, for all that were ever linked up to the watermark."""
    query = select(_E.stream_id, _E.payload).where(
        _E.county == cut.county, _E.kind.in_([LINKED, PARTED]), _E.seq <= cut.watermark
    )
    links = bulk.select(connection, query.order_by(_E.seq))
    said = [orjson.loads(p) for p in links["payload"].tolist()]
    pairs = pd.DataFrame(
        {
            "stream_a": pd.Series([p["to"] for p in said], dtype="str"),
            "stream_b": links["stream_id"],
            "score": pd.Series([p["score"] for p in said], dtype="int64"),
        }
    )
    ends = pd.concat([pairs["stream_a"], pairs["stream_b"]])
    with bulk.keys(connection, ends) as wanted:
        asked = select(finding.c.stream_id, finding.c.found_at)
        own = asked.where(finding.c.county == cut.county, finding.c.stream_id.in_(wanted))
        members = bulk.select(connection, own)
    roots = components(in_order(pairs), members)
    return dict(zip(roots["stream_id"], roots["root_id"], strict=True))
