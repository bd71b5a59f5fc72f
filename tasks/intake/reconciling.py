"""Reconcile: everything a source has, asked for again from the beginning, against what we have.

Promise: nothing is changed by it, neither ledger nor landing nor cursor (only reporters' fields
that the vault has never seen are sealed, as at any landing). A row of the source is ours when the
ledger has its present content, or when quarantine holds its very cells. What we have and the source
does not give any more is no difference: absence says nothing.

Try: reconcile(open_county(Settings.load("~/.bihuan")), "complaints", now)
"""

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd

from rules.versions import NEW, classify
from schemas.source import SourceDeclaration
from schemas.vocabulary import RecordKind
from tasks.configuration import ConfigurationError
from tasks.county import County
from tasks.intake.drafts import Taking
from tasks.intake.landing import Delivery, land
from tasks.intake.landing_redaction import told
from tasks.intake.quarantined import rows_of
from tasks.intake.sift import REFUSED_COLUMNS, Sifted, sift
from tasks.sources.base import PullRequest, SourceDown
from tasks.sources.registry import puller
from tasks.store import lookups, quarantine
from tasks.store.engine import Connection, reading

Row = tuple[str, str]  # (record, source_id); record "" for a row that gives none


@dataclass(frozen=True)
class Reconciliation:
    """What a source gives that we have not (`missing`) or have otherwise (`different`).

    `rows` is how many it gave; `problem` says why that may not be all, "" if it is.
    """

    source: str
    rows: int
    missing: tuple[Row, ...]
    different: tuple[Row, ...]
    problem: str = ""

    @property
    def differences(self) -> int:
        return len(self.missing) + len(self.different)


def reconcile(county: County, name: str, now: int) -> Reconciliation:
    """Compare one source with our side; `now` is UTC ms. Never raises for what the source does."""
    declaration = county.sources[name]
    with TemporaryDirectory(prefix="bihuan-reconcile-") as folder:
        deliveries, problem = _everything(county, declaration, Path(folder), now)
        sifted = sift(Taking(county, declaration, deliveries))
    with reading(county.engine) as connection:
        strange = _not_in_ledger(connection, county, name, sifted)
        strange = _not_in_quarantine(connection, county, name, sifted, strange)
    problems = [problem, *sifted.problems.values()] if problem else [*sifted.problems.values()]
    return Reconciliation(
        name,
        len(sifted.lines),
        _rows(strange[~strange["is_known_id"]]),
        _rows(strange[strange["is_known_id"]]),
        "; ".join(problems),
    )


def _everything(
    county: County, declaration: SourceDeclaration, folder: Path, now: int
) -> tuple[tuple[Delivery, ...], str]:
    """All deliveries from an empty cursor on, landed aside, and why there may be more."""
    deliveries: list[Delivery] = []
    try:
        settings = county.source_settings(declaration.name)
        for pulled in puller(declaration)(PullRequest(declaration, settings, "", now)):
            landed = land(
                folder, declaration, pulled, now, now, seal=county.vault.seal, county=county.code
            )
            deliveries.append(landed)
    except (SourceDown, ConfigurationError) as error:
        return tuple(deliveries), told(error, declaration)
    return tuple(deliveries), ""


def _not_in_ledger(
    connection: Connection, county: County, source: str, sifted: Sifted
) -> pd.DataFrame:
    """Rows (REFUSED_COLUMNS, is_known_id) whose present content no event has; refused ones too."""
    found = [sifted.refused.assign(is_known_id=False)]
    for kind, frame in sifted.accepted.items():
        found.append(_changed(connection, county, source, frame, kind))
    return pd.concat(found, ignore_index=True)


def _changed(
    connection: Connection, county: County, source: str, frame: pd.DataFrame, kind: RecordKind
) -> pd.DataFrame:
    ids = frame["source_id"].unique()
    known = lookups.known_revisions(connection, county.code, source, kind.value, ids)
    rows = frame.assign(record=kind.value, delivery="", codes="", faults="")
    is_known_id = rows["source_id"].isin(known["source_id"])
    is_new = classify(rows, known) == NEW
    return rows.assign(is_known_id=is_known_id).loc[is_new, [*REFUSED_COLUMNS, "is_known_id"]]


def _not_in_quarantine(
    connection: Connection, county: County, source: str, sifted: Sifted, rows: pd.DataFrame
) -> pd.DataFrame:
    if rows.empty:
        return rows
    stored = rows_of(sifted.layouts, rows, {})
    kept = quarantine.is_known(connection, county.code, source, stored["cells_digest"].unique())
    return rows[~stored["cells_digest"].isin(kept.index).to_numpy(dtype=bool)]


def _rows(frame: pd.DataFrame) -> tuple[Row, ...]:
    pairs = zip(frame["record"].astype(str), frame["source_id"].astype(str), strict=True)
    return tuple(sorted(set(pairs)))
