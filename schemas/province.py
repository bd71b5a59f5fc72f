"""A province's edition: made of county editions alone, and what a province declares of itself.

`Province` is `province.yaml` in the province's home. An edition's body is a pure function of what
was declared and of the county editions that its rows name by number and digest. No floats; keys are
stable, adding one raises SCHEMA. A county that is missing is named and counts nowhere.
"""

from typing import NotRequired, TypedDict

from pydantic import Field, model_validator

from schemas.edition import Bilingual, Rate, Scope, Split, StatutoryRow, Unit
from schemas.organisation import Frozen, Name
from schemas.policy import Scoring

SCHEMA = "bihuan/province/1"
FILE = "province.yaml"


class CountyOf(Frozen):
    """One county. editions: its home, or its built site, or a copy of either; relative to here."""

    code: str = Field(pattern=r"^\d{6}$")
    name: Name
    group: str = "all"  # counties are ranked within their group
    editions: str


class Province(Frozen):
    """Who belongs to the province. scoring: left out, that of the counties, if they have one."""

    code: str = Field(pattern=r"^\d{6}$")
    name: Name
    zone: str = "Asia/Shanghai"
    counties: tuple[CountyOf, ...] = Field(min_length=1)
    scoring: Scoring | None = None

    @model_validator(mode="after")
    def _each_once(self) -> "Province":
        codes = [county.code for county in self.counties]
        if twice := sorted({code for code in codes if codes.count(code) > 1}):
            raise ValueError(f"{', '.join(twice)} is named twice; a county is counted once")
        return self


class Origin(TypedDict):
    """The county edition that a row is made of; sha256 is of its file."""

    edition: int
    sha256: str
    body_digest: str
    ledger_head: str
    policy_hash: str


class CountyRow(Unit):
    origin: Origin
    listed: int
    unlisted_major: int


class Summed(TypedDict):
    """Sums over counties, and rates made again from them. of: the counties that are in them."""

    code: str
    name: Bilingual
    of: list[str]
    counts: dict[Scope, dict[Split, dict[str, int]]]
    rates: dict[Scope, dict[Split, dict[str, Rate]]]


class Absent(TypedDict):
    code: str
    name: Bilingual


class Declared(TypedDict):
    """What was declared when the edition was made: it can be made again from this."""

    code: str
    name: Bilingual
    counties: list[dict[str, str | Bilingual]]  # code, name, group
    scoring: dict[str, object] | None


class StatutoryOf(TypedDict):
    counties: list[StatutoryRow]
    total: StatutoryRow


class ProvinceBody(TypedDict):
    schema: str
    declared: Declared
    fictitious: bool
    audience: str  # public only where every county's edition is
    kind: str
    period: str
    first_day: str
    last_day: str
    counties: list[CountyRow]
    missing: list[Absent]
    total: Summed
    sectors: list[Summed]
    listed: int
    unlisted_major: int
    not_summed: list[str]  # "scope" or "scope.split.measure" that not every county's edition has
    statutory: NotRequired[StatutoryOf]


class CountyChange(TypedDict):
    """A county whose edition is another than in the issue before; 0 for none."""

    code: str
    name: Bilingual
    old: int
    new: int
    revision_class: str  # why the county made it, "" where it is its first


class ProvinceRevision(TypedDict):
    """Why an issue differs from the one before."""

    previous: int
    previous_digest: str
    declared: bool  # whether what the province declares changed
    changes: list[CountyChange]
    moves: list[dict[str, object]]  # schemas.edition.RankMove


class ProvinceEdition(TypedDict):
    edition: int
    body_digest: str
    revision: NotRequired[ProvinceRevision]
    body: ProvinceBody
