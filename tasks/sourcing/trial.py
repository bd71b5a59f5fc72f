"""A dry run of one source: what its declaration makes of rows, with nothing stored anywhere.

Promise: received = accepted + refused + skipped. Whether a row is new or known is the ledger's to
say and not asked here; an update whose hazard has not come counts as accepted.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd

from expectations.rules import rules_with
from schemas.records import SHAPES
from schemas.source import RecordMapping, SourceDeclaration
from tasks.county import County
from tasks.intake.accounting import counts_by_code
from tasks.intake.drafts import LINES, Taking
from tasks.intake.landing import Delivery
from tasks.intake.mapping import map_rows, skipped
from tasks.intake.sift import Sifted, sift

ROWS_SHOWN = 3


@dataclass(frozen=True)
class Trial:
    """What became of the rows. `refused_by`, `warned_by`: rows by rule code."""

    source: str
    received: int
    accepted: int
    refused: int
    skipped: int
    warned: int
    refused_by: dict[str, int]
    warned_by: dict[str, int]
    records: dict[str, int]
    problems: list[str]
    rows: list[dict[str, Any]] = field(default_factory=list)


def tried(
    county: County,
    declaration: SourceDeclaration,
    deliveries: tuple[Delivery, ...],
    shown: int = ROWS_SHOWN,
) -> Trial:
    """Read, map and check deliveries; take nothing."""
    sifted = sift(Taking(county, declaration, deliveries))
    received, refused = len(sifted.lines), len(sifted.refused)
    left_out = sum(len(skipped(rows, declaration)) for rows in sifted.layouts)
    return Trial(
        source=declaration.name,
        received=received,
        accepted=received - refused - left_out,
        refused=refused,
        skipped=left_out,
        warned=sifted.warned["line"].nunique(),
        refused_by=counts_by_code(sifted.refused["codes"]),
        warned_by=counts_by_code(sifted.warned["codes"]),
        records={kind.value: len(frame) for kind, frame in sifted.accepted.items()},
        problems=[sifted.problems[position] for position in sorted(sifted.problems)],
        rows=list(_side_by_side(county, declaration, sifted, shown)),
    )


def reason(declaration: SourceDeclaration, code: str, lang: str) -> str:
    """What a rule code means."""
    rule = rules_with(declaration.extra_rules)[code]
    return rule.zh if lang == "zh" else rule.en


def _side_by_side(
    county: County, declaration: SourceDeclaration, sifted: Sifted, shown: int
) -> Iterator[dict[str, Any]]:
    """The first rows: each field of each record, the columns it came from, before and after."""
    codes = sifted.refused.set_index("line")["codes"].to_dict()
    for rows in sifted.layouts:
        head = rows.iloc[:shown].reset_index(drop=True)
        frames = map_rows(head, declaration, county.organisation, county.references)
        for number, line in enumerate(head["line"]):
            yield {
                "line": int(line) % LINES,
                "codes": codes.get(line, ""),
                "fields": [
                    each
                    for mapping in declaration.records
                    for each in _fields(mapping, head.iloc[number], frames, line, county.zone)
                ],
            }
        shown -= len(head)


def _fields(
    mapping: RecordMapping, row: pd.Series, frames: dict[Any, pd.DataFrame], line: int, zone: str
) -> Iterator[dict[str, str]]:
    frame = frames[mapping.record]
    mine = frame[frame["line"] == line]
    if mine.empty:
        return
    kinds = {f.name: f.kind for f in SHAPES[mapping.record].fields}
    for name, spec in mapping.fields.items():
        columns = list(dict.fromkeys(c for read in spec.reads() for c in _held(read, row.index)))
        yield {
            "record": mapping.record.value,
            "field": name,
            "from": " + ".join(columns),
            "before": " + ".join(str(row[c]) for c in columns),
            "after": " | ".join(dict.fromkeys(_said(v, kinds[name], zone) for v in mine[name])),
        }


def _held(name: str, columns: pd.Index) -> list[str]:
    """The column that holds it: itself, or the list that it looks into."""
    inside = name.partition("[")[0]
    return [c for c in (name, inside, inside.partition(".")[0]) if c in columns][:1]


def _said(value: Any, kind: str, zone: str) -> str:
    """A canonical value for people: instants as wall clock, a day as that day."""
    if pd.isna(value):
        return ""
    if kind not in ("time", "date"):
        return str(value)
    moment = datetime.fromtimestamp((int(value) - (kind == "date")) / 1000, ZoneInfo(zone))
    return moment.date().isoformat() if kind == "date" else moment.isoformat(" ", "seconds")
