"""A source declaration: one YAML file per source says everything the pipeline knows of it.

Where a source lives and how to authenticate (URLs, folders, tokens) is in the settings of the
home, never here: a declaration can be published. Unknown keys are refused.
"""

from typing import Literal

from pydantic import Field, model_validator

from schemas.connectors import Connector
from schemas.organisation import Frozen, Name
from schemas.records import SHAPES
from schemas.vocabulary import Closing, RecordKind

JsonScalar = str | int | bool


class FieldSpec(Frozen):
    """How one canonical field is made from a source's columns.

    Order of work: take `from` (the first alternative column that is present; all of them with
    `join`) or `const`; `extract` (first group of a regular expression); `strip`ped; `map`;
    `default` where blank; then at most one reading: `time`, `date`, `money`, `town`, `sector`,
    `transform`. With `join`, an entry of `from` that begins with "=" is that word itself, not a
    column: `from: [id, "=verified"]`, `join: ":"` gives each of a row's updates its own id.
    """

    from_: str | tuple[str, ...] | None = Field(default=None, alias="from")
    const: JsonScalar | None = None
    join: str | None = None
    extract: str | None = None
    map: dict[str, str | None] | None = None
    otherwise: str | None = None  # with map: what an unlisted word becomes (None: kept as it is)
    default: JsonScalar | None = None
    time: str | tuple[str, ...] | None = None  # strptime formats, or iso, epoch_ms, epoch_s
    date: str | tuple[str, ...] | None = None
    zone: str | None = None  # zone of times written without an offset; None: refuse them
    money: Literal["fen", "yuan", "wan_yuan"] | None = None
    town: bool = False
    sector: bool = False
    transform: str | None = None

    @model_validator(mode="after")
    def _one_origin(self) -> "FieldSpec":
        if (self.from_ is None) == (self.const is None):
            raise ValueError("a field needs exactly one of 'from' and 'const'")
        readings = [self.time, self.date, self.money, self.town or None, self.sector or None]
        if sum(r is not None for r in readings) > 1:
            raise ValueError("a field can be read in one way only: time, date, money, town, sector")
        return self

    def columns(self) -> tuple[str, ...]:
        if self.from_ is None:
            return ()
        return (self.from_,) if isinstance(self.from_, str) else self.from_


class Condition(Frozen):
    """A row filter; several in a list must all hold. Blank is the empty string."""

    column: str
    is_in: tuple[str, ...] | None = Field(default=None, alias="in")
    not_in: tuple[str, ...] | None = None
    filled: bool | None = None
    matches: str | None = None


class RecordMapping(Frozen):
    """One canonical record that a row of the source gives, when `where` holds."""

    record: RecordKind
    where: tuple[Condition, ...] = ()
    fields: dict[str, FieldSpec | str]

    @model_validator(mode="after")
    def _known_fields(self) -> "RecordMapping":
        shape = SHAPES[self.record]
        unknown = sorted(set(self.fields) - set(shape.names))
        missing = sorted(f.name for f in shape.fields if f.required and f.name not in self.fields)
        if unknown or missing:
            raise ValueError(
                f"record {self.record}: unknown fields {unknown}, required but absent {missing}"
            )
        return self

    def specs(self) -> dict[str, FieldSpec]:
        """Every field's spec; a bare string names the column."""
        return {
            name: FieldSpec.model_validate({"from": spec}) if isinstance(spec, str) else spec
            for name, spec in self.fields.items()
        }


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
    closing: Closing = Closing.EVENTS
    # True: a bulletin without this source is refused, not published with its name in it.
    vital: bool = False
    reporter_fields: tuple[str, ...] = ()
    records: tuple[RecordMapping, ...] = Field(min_length=1)
    extra_rules: tuple[ExtraRule, ...] = ()
