"""The items behind the cells of an edition, by the conditions that counted them.

A long frame, one row per item and measure: measure, town, sector, self_check, root_id, at (when the
span that counts began, UTC ms), value (1, or what the measure sums). Summed over a cell's rows,
value is the cell's figure. An item that reopened twice stands there twice.
"""

from collections.abc import Mapping, Sequence

import pandas as pd
from sqlalchemy import Connection, and_, case, or_, select

from schemas.edition import Scope
from schemas.tables_projections import finding
from tasks.store import bulk
from tasks.store.measures import Basis, Cut, Measure, S, holds, looked_at, measures, visible

_KEYS = ["town", "sector", "self_check", "root_id", "at"]
COLUMNS = ["measure", *_KEYS, "value"]
_STANDING = (
    *("state", "severity", "due_at", "original_due_at", "found_at", "accepted_at", "closed_at"),
    *("backdated", "marks", "elements"),
)
_F = finding.c


def items(
    connection: Connection,
    cut: Cut,
    scope: Scope,
    names: Sequence[str],
    *,
    town: str = "",
    sector: str = "",
) -> pd.DataFrame:
    """The items of these measures in one scope; of a town or a sector, or of all."""
    every = measures(cut, scope)
    chosen = {name: every[name] for name in names}
    passes: dict[tuple[Basis, str], dict[str, Measure]] = {}
    for name, measure in chosen.items():
        passes.setdefault((measure.basis, measure.town), {})[name] = measure
    found = [_pass(connection, cut, scope, own, town, sector) for own in passes.values()]
    together = pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=COLUMNS)
    return together.sort_values(["measure", "at", "root_id"], ignore_index=True)


def _pass(
    connection: Connection,
    cut: Cut,
    scope: Scope,
    own: Mapping[str, Measure],
    town: str,
    sector: str,
) -> pd.DataFrame:
    """One pass over the spans for the measures that look at the same ones."""
    first = next(iter(own.values()))
    flags = [
        case((m.condition(S), 1 if m.value is None else m.value(S)), else_=None).label(name)
        for name, m in own.items()
    ]
    where = [
        visible(cut),
        looked_at(cut, scope, first.basis, S),
        or_(*(m.condition(S) for m in own.values())),
        *([S[first.town] == town] if town else []),
        *([S.sector_code == sector] if sector else []),
    ]
    query = select(
        S[first.town].label("town"),
        S.sector_code.label("sector"),
        S.self_check,
        S.root_id,
        S.claimed_from.label("at"),
        *flags,
    ).where(*where)
    wide = bulk.select(connection, query)
    long = wide.melt(_KEYS, list(own), "measure", "value").dropna(subset="value")
    return long.astype({"value": "int64"})[COLUMNS]


def described(connection: Connection, cut: Cut, roots: Sequence[str]) -> pd.DataFrame:
    """How these hazards stand at the cut, with their findings; indexed by root_id."""
    with bulk.keys(connection, roots) as wanted:
        query = (
            select(
                *(S.root_id, S.town_code, S.sector_code, *(S[name] for name in _STANDING)),
                *(_F.source, _F.source_id, _F.unit_name, _F.category, _F.description, _F.channel),
            )
            .join(finding, and_(_F.county == S.county, _F.stream_id == S.root_id))
            .where(visible(cut), holds(cut.end), S.root_id.in_(wanted))
        )
        frame = bulk.select(connection, query)
    return frame.set_index("root_id")
