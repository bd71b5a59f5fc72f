"""Refused rows on their way back: what stands refused, and a workbook for each delivery of it.

`HOME/outgoing/<source>/` holds the workbooks, one per delivery. Writing them again gives the same
bytes as long as the same rows stand refused.
"""

from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pandas as pd

from expectations.rules import Rule, rules_with
from expectations.words import Words
from schemas.connectors import Workbook
from schemas.mapping import LITERAL, FieldSpec
from schemas.records import SHAPES
from schemas.source import SourceDeclaration
from tasks.county import County
from tasks.intake.accounting import counts_by_code
from tasks.intake.collect import SourceReport
from tasks.intake.landing import Delivery, load
from tasks.intake.quarantined import shown
from tasks.intake.reading import read_rows
from tasks.rendering.catalogue import text
from tasks.rendering.rejection import Fault, RejectedRow, Rejection, render
from tasks.sources.correction import SCHEMA, Identity, key_of
from tasks.store import quarantine
from tasks.store.engine import reading


@dataclass(frozen=True)
class Refusals:
    """The rows of one delivery that stand refused, and by which rules."""

    source: str
    reporting_unit: str
    period: str
    delivery: str
    rows: int
    codes: dict[str, int]


def refusals(county: County, source: str = "", submission: str = "") -> list[Refusals]:
    """One entry per delivery with rows that stand refused. Raises ConfigurationError."""
    return [
        Refusals(
            delivery.source,
            delivery.reporting_unit,
            str(rows["period"].iloc[0]),
            delivery.digest,
            len(rows),
            counts_by_code(rows["codes"]),
        )
        for delivery, rows in _standing(county, source, submission)
    ]


def export(
    county: County,
    out: Path | None = None,
    lang: str = "zh",
    source: str = "",
    submission: str = "",
    deliveries: Container[str] | None = None,
) -> list[Path]:
    """Write the workbooks (of some deliveries only); their paths. Raises ConfigurationError."""
    written = []
    for delivery, rows in _standing(county, source, submission, deliveries):
        folder = (out or county.home / "outgoing") / delivery.source
        path = folder / _file_name(delivery, rows, lang)
        folder.mkdir(parents=True, exist_ok=True)
        path.write_bytes(render(rejection(county, delivery, rows, lang), lang))
        written.append(path)
    return written


def export_new(county: County, report: SourceReport) -> list[Path]:
    """The workbooks of what a source was just collected of, where any row was refused."""
    mine = frozenset(report.refused_in)
    return export(county, source=report.source, deliveries=mine) if mine else []


def _file_name(delivery: Delivery, rows: pd.DataFrame, lang: str) -> str:
    word, period = text("rejection.file", lang), rows["period"].iloc[0]
    return f"{word}_{delivery.reporting_unit}_{period}_{delivery.digest[:8]}.xlsx"


def _standing(
    county: County, source: str, submission: str, deliveries: Container[str] | None = None
) -> Iterator[tuple[Delivery, pd.DataFrame]]:
    if source and source not in county.sources:
        county.source_settings(source)  # says which sources there are
    with reading(county.engine) as connection:
        rows = quarantine.standing(connection, county.code, source, submission)
    for (own, digest), group in rows.groupby(["source", "delivery"]):
        if own in county.sources and (deliveries is None or digest in deliveries):
            yield load(county.landing / str(own) / str(digest)[:2] / str(digest)), group


def rejection(county: County, delivery: Delivery, rows: pd.DataFrame, lang: str) -> Rejection:
    """One delivery's refused rows (of `quarantine`) as its workbook shows them."""
    declaration = county.sources[delivery.source]
    sent = read_rows(delivery, declaration)
    columns = tuple(c for c in sent.columns if c != "line")
    made = _Made(declaration, columns)
    cells = sent.set_index("line").loc[rows["line"].tolist()]
    own = rows["line"], rows["cells_digest"], _records(cells), rows["codes"], rows["faults"]
    sheet = text("rejection.sheet.rows", lang)
    return Rejection(
        Identity(SCHEMA, county.code, delivery.source, delivery.digest, sheet, columns),
        text("rejection.title", lang, source=getattr(declaration.title, lang)),
        _unit(county, delivery, lang),
        str(rows["period"].iloc[0]),
        _day(delivery.received_at, county.zone),
        tuple(made.row(*row) for row in zip(*own, strict=True)),
        choices(county, declaration, columns, lang),
        isinstance(declaration.connector, Workbook),
    )


def _records(cells: pd.DataFrame) -> list[dict[str, str]]:
    return [dict(zip(cells.columns, row, strict=True)) for row in cells.to_numpy()]


def _unit(county: County, delivery: Delivery, lang: str) -> str:
    towns = {t.code: getattr(t.name, lang) for t in county.organisation.towns}
    return str(towns.get(delivery.reporting_unit, delivery.reporting_unit))


def _day(ms: int, zone: str) -> date:
    return datetime.fromtimestamp(ms / 1000, ZoneInfo(zone)).date()


@dataclass(frozen=True)
class FieldColumns:
    """From canonical fields back to a source's own columns, of those that a delivery has
    (`present`; None: all of them)."""

    declaration: SourceDeclaration
    present: frozenset[str] | None = None

    def of(self, field: str) -> tuple[str, ...]:
        """`finding.found_at` → the columns it is read from; "" → those that say what a row is."""
        record, _, wanted = field.partition(".")
        if not record:
            named = (c.column for mapping in self.declaration.records for c in mapping.where)
            return self._here(named)
        specs = [m.specs() for m in self.declaration.records if m.record == record]
        return tuple(c for s in specs if wanted in s for c in self._read_from(s[wanted]))

    def _read_from(self, spec: FieldSpec) -> tuple[str, ...]:
        here = self._here(c for c in spec.columns() if not c.startswith(LITERAL))
        return here if spec.join is not None or self.present is None else here[:1]

    def _here(self, names: Iterable[str]) -> tuple[str, ...]:
        present = self.present
        return tuple(dict.fromkeys(n for n in names if present is None or n in present))


class _Made:
    """Rows of one source as its sender sees them."""

    def __init__(self, declaration: SourceDeclaration, columns: tuple[str, ...]) -> None:
        self.fields = FieldColumns(declaration, frozenset(columns))
        self.rules = rules_with(declaration.extra_rules)

    def row(
        self, line: int, digest: str, cells: dict[str, str], codes: str, faults: str
    ) -> RejectedRow:
        seen = {column: shown(value) for column, value in cells.items()}
        return RejectedRow(line, key_of(line, digest), seen, tuple(self._faults(codes, faults)))

    def _faults(self, codes: str, faults: str) -> Iterator[Fault]:
        """A fault per rule, most severe first; a row refused long ago knows its rules only."""
        said = [pair.partition(":")[::2] for pair in faults.split(",") if pair]
        for code in codes.split(","):
            fields = [field for own, field in said if own == code]
            columns = dict.fromkeys(c for field in fields for c in self.fields.of(field))
            yield Fault(self.rules.get(code) or _unknown(code), tuple(columns))


def _unknown(code: str) -> Rule:
    """A rule that the source's declaration no longer has."""
    return Rule(code, "critical", code, code, "", "")


def choices(
    county: County, declaration: SourceDeclaration, columns: tuple[str, ...], lang: str
) -> dict[str, tuple[str, ...]]:
    """The words that a coded column of the sender may hold, as the sender writes them."""
    words = Words.of(county.organisation, county.policy.campaign.place_classes)
    found: dict[str, list[str]] = {}
    for mapping in declaration.records:
        coded = SHAPES[mapping.record].of_kind("code")
        for field, spec in mapping.specs().items():
            if field in coded and len(spec.columns()) == 1 and spec.columns()[0] in columns:
                allowed = words.allowed(mapping.record, field)
                own = _own_words(county, spec, allowed, lang)
                found.setdefault(spec.columns()[0], []).extend(own)
    return {column: tuple(dict.fromkeys(listed)) for column, listed in found.items() if listed}


def _own_words(
    county: County, spec: FieldSpec, allowed: tuple[str, ...], lang: str
) -> Iterable[str]:
    if spec.extract is not None or spec.join is not None or spec.transform is not None:
        return ()
    if spec.town or spec.sector:
        units = county.organisation.towns if spec.town else county.organisation.sectors
        return [getattr(u.name, lang) for u in units]
    if spec.map is not None:
        return [word for word, code in spec.map.items() if code in allowed and word]
    return allowed
