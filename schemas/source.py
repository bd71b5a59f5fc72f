"""A source declaration: one YAML file per source says everything the pipeline knows of it.

Where a source lives and how to authenticate (URLs, folders, tokens) is in the settings of the
home, never here: a declaration can be published. Unknown keys are refused.
"""

import difflib
import re
from collections.abc import Iterable, Iterator, Set
from typing import Literal

from pydantic import Field, model_validator

from schemas.connectors import Connector
from schemas.mapping import Condition, FieldSpec, Spec
from schemas.organisation import Frozen, Name
from schemas.records import SHAPES
from schemas.vocabulary import Closing, FactKind, RecordKind

_IN_LIST = re.compile(r"\[-?[0-9]+\]")
# Fields of records that are running text, in which people are named.
_NARRATIVE = {
    *("category", "description", "reason", "goal", "measures", "milestones"),
    *("interim_control", "work_done", "evidence", "reply"),
}
# Names and places: needed as they are, but for the numbers that people add to them.
_PLACES = {"unit_name", "address", "town_code"}
_NUMBERS = {"source_id", "finding_id", "target", "credit_code"}


class Statuses(Frozen):
    """A status in place of events: which steps each word proves, in the order of a life.

    Every step becomes an update of its own, marked `implied`; its id is the row's with the step's
    name. A word that is not listed refuses the row, `[]` proves nothing.
    """

    column: str
    prove: dict[str, tuple[FactKind, ...]]

    def steps(self) -> Iterator[tuple[FactKind, tuple[str, ...]]]:
        """Each step with the words that prove it."""
        for step in FactKind:
            words = tuple(word for word, steps in self.prove.items() if step in steps)
            if words:
                yield step, words


class RecordMapping(Frozen):
    """One canonical record that a row of the source gives, when `where` holds.

    With `each`, every element of that list gives one: its keys are the columns `<each>.<key>`,
    its number, from 1, is `<each>.#`.
    """

    record: RecordKind
    each: str | None = None
    where: tuple[Condition, ...] = ()
    statuses: Statuses | None = None
    fields: dict[str, Spec]

    @model_validator(mode="after")
    def _known_fields(self) -> "RecordMapping":
        shape, given = SHAPES[self.record], set(self.fields)
        if self.statuses is not None:
            if self.record is not RecordKind.UPDATE or "event" in given:
                raise ValueError("'statuses' belongs to an update, and says its event")
            given.add("event")
        unknown = sorted(given - set(shape.names))
        missing = sorted(f.name for f in shape.fields if f.required and f.name not in given)
        if unknown or missing:
            hints = [near for name in unknown for near in nearest(name, shape.names)]
            nearby = f" (nearest {hints})" if hints else ""
            raise ValueError(
                f"record {self.record}: unknown fields {unknown}{nearby},"
                f" required but absent {missing}"
            )
        return self

    def specs(self) -> dict[str, FieldSpec]:
        """Every field's spec."""
        return dict(self.fields)

    def reads(self) -> Iterator[str]:
        """Every column that is looked at."""
        for condition in self.where:
            yield from condition.reads()
        for spec in self.fields.values():
            yield from spec.reads()
        yield from [self.statuses.column] if self.statuses else []

    def plain(self) -> Iterator["RecordMapping"]:
        """The same without `statuses`: one mapping per step, one for words that nobody listed."""
        if self.statuses is None:
            yield self
            return
        for step, words in self.statuses.steps():
            yield self._step({"column": self.statuses.column, "in": words}, step)
        yield self._step(
            {"column": self.statuses.column, "filled": True, "not_in": tuple(self.statuses.prove)}
        )

    def _step(self, condition: dict[str, object], step: FactKind | None = None) -> "RecordMapping":
        assert self.statuses is not None
        event = {"const": step.value} if step else {"from": self.statuses.column}
        own = self.fields["source_id"]
        named = (*own.columns(), f"={step}" if step else f"={self.statuses.column}")
        fields = {"implied": FieldSpec(const=True)} | self.fields
        fields["source_id"] = own.model_copy(update={"from_": named, "join": own.join or ":"})
        fields["event"] = FieldSpec.model_validate(event)
        where = (*self.where, Condition.model_validate(condition))
        return self.model_copy(update={"statuses": None, "where": where, "fields": fields})


class ExtraRule(Frozen):
    """An expectation this source adds to the suite of one record."""

    record: RecordKind
    code: str = Field(pattern=r"^[A-Z]\d{3}$")
    severity: Literal["critical", "warning"] = "critical"
    expectation: str
    arguments: dict[str, str | int | float | bool | list[str] | None]
    where: Condition | None = None
    message: Name


class SourceDeclaration(Frozen):
    """One source: short name (used everywhere), who answers for it, how it is pulled and mapped."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    title: Name
    owner: Name
    connector: Connector
    cadence: Literal["weekly", "continuous"]
    # Not pulled for so long, `status` and `/metrics` call it late; left out: by its cadence.
    late_after_hours: int | None = Field(default=None, gt=0)
    closing: Closing = Closing.EVENTS
    # True: a bulletin without this source is refused, not published with its name in it.
    vital: bool = False
    reporter_fields: tuple[str, ...] = ()
    # Columns of running text that may name a reporter. Left out: those that records read as text.
    narrative_fields: tuple[str, ...] | None = None
    # Rows that are knowingly left out, all conditions holding; every other one must be mapped.
    skip: tuple[Condition, ...] = ()
    records: tuple[RecordMapping, ...] = Field(min_length=1)
    extra_rules: tuple[ExtraRule, ...] = ()

    @property
    def longest_silence(self) -> int:
        """Hours: as declared, else a day and an hour, or a week and a day for a weekly source."""
        return self.late_after_hours or {"continuous": 25, "weekly": 8 * 24}[self.cadence]

    def mappings(self) -> Iterator[RecordMapping]:
        """What is executed: every record, a status written out as its steps."""
        for mapping in self.records:
            yield from mapping.plain()

    def looks_up(self) -> frozenset[str]:
        """The tables of codes that it is read by, and "wards" where coordinates tell the town."""
        specs = [spec for mapping in self.records for spec in mapping.fields.values()]
        located = any(s.town is not None and s.town.by == "coordinates" for s in specs)
        tables = {f"remaps/{s.remap.table}" for s in specs if s.remap is not None}
        return frozenset(tables | ({"wards"} if located else set()))

    def hides(self) -> bool:
        """Whether reporters are split off its deliveries."""
        return bool(self.reporter_fields or self.narrative_fields)

    def narratives(self) -> frozenset[str]:
        """Columns whose text goes on without what tells of a reporter."""
        if self.narrative_fields is not None:
            return frozenset(self.narrative_fields)
        return self._read_by(_NARRATIVE)

    def places(self) -> frozenset[str]:
        """Columns that say where and who is concerned; they go on without numbers of persons."""
        return self._read_by(_PLACES) - self._read_by(_NUMBERS)

    def _read_by(self, names: Set[str]) -> frozenset[str]:
        specs = [s for m in self.records for name, s in m.fields.items() if name in names]
        return frozenset(_IN_LIST.sub("", column) for spec in specs for column in spec.reads())

    def numbers(self) -> Iterator[FieldSpec]:
        """How a report's own number is read: a finding's id before any other record's."""
        for mapping in sorted(self.records, key=lambda m: m.record is not RecordKind.FINDING):
            yield mapping.fields["source_id"]

    def reads(self) -> frozenset[str]:
        """Every column that records and filters look at; the place in a list does not count."""
        filters = [column for condition in self.skip for column in condition.reads()]
        fields = [column for mapping in self.records for column in mapping.reads()]
        return frozenset(_IN_LIST.sub("", column) for column in (*filters, *fields))


def nearest(name: str, known: Iterable[str]) -> list[str]:
    """The known name that looks most like this one, if any does."""
    return difflib.get_close_matches(name, list(known), 1, 0.6)
