"""`upward.yaml`: what a county reports to the level above 报送, in whose layout, and where to.

A layout is a list of columns: the heading that the receiver wants ← a field of ours. Addresses and
passwords are never here: `destination` names a section `[upward.NAME]` of the home's bihuan.toml.
"""

from string import Formatter
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from schemas.organisation import Frozen
from schemas.vocabulary import EditionKind

ROW_FIELDS = ("table", "code", "name")  # table: by town, by sector, or the county as a whole
TABLE_FIELDS = (
    *ROW_FIELDS,
    *("units_due", "units_checked", "coverage"),
    *("general_found", "general_closed", "general_rate"),
    *("major_found", "major_closed", "major_rate", "in_plan", "five"),
    *("listed", "listed_province", "listed_city", "listed_county", "funds"),
)
# Nothing of who reported it, and no description.
HAZARD_FIELDS = (
    *("number", "unit", "town", "town_code", "sector", "sector_code"),
    *("severity", "state", "found_on", "due_on", "closed_on"),
)
ABOUT_FIELDS = ("period", "edition")  # the same on every row
FIELDS = {
    "statutory": (*TABLE_FIELDS, *ABOUT_FIELDS),
    "hazards": (*HAZARD_FIELDS, *ABOUT_FIELDS),
}
_NAMED = ("county", "name", "kind", "period", "edition")
_WITH_TABLE = (EditionKind.MONTHLY, EditionKind.STATUTORY)


def _pairs(columns: Any) -> Any:
    return tuple(columns.items()) if isinstance(columns, dict) else columns


class Export(Frozen):
    """One file that follows every edition of a kind."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_-]{0,39}$")
    what: Literal["statutory", "hazards"]
    kind: EditionKind
    format: Literal["xlsx", "csv", "json"]
    lang: Literal["zh", "en"] = "zh"
    # heading: field, in the receiver's order; kept as pairs, which no sorting of keys can change
    columns: Annotated[tuple[tuple[str, str], ...], BeforeValidator(_pairs), Field(min_length=1)]
    filename: str = Field(pattern=r"^[^/\\.][^/\\]*$", max_length=120)
    channel: Literal["drop", "http"]
    destination: str = Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")

    @model_validator(mode="after")
    def _can_be_made(self) -> Self:
        known = FIELDS[self.what]
        if unknown := sorted({field for _, field in self.columns} - set(known)):
            raise ValueError(f"{self.name}: no field {unknown} in {self.what}; there is {known}")
        if self.what == "statutory" and self.kind not in _WITH_TABLE:
            raise ValueError(
                f"{self.name}: a {self.kind.value} edition has no statutory table; follow"
                " statutory or monthly"
            )
        try:
            used = {
                field for _, field, _, _ in Formatter().parse(self.filename) if field is not None
            }
        except ValueError as error:
            raise ValueError(f"{self.name}: filename {self.filename!r}: {error}") from None
        if not used <= set(_NAMED):
            raise ValueError(f"{self.name}: filename may hold {{{'}, {'.join(_NAMED)}}} only")
        if not self.filename.endswith(f".{self.format}"):
            raise ValueError(f"{self.name}: let filename end with .{self.format}")
        return self


class Upward(Frozen):
    """All that is reported upward; nothing where the county has no such file."""

    exports: tuple[Export, ...] = ()

    @model_validator(mode="after")
    def _told_apart(self) -> Self:
        names = [export.name for export in self.exports]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"two exports are called {twice}: give each a name of its own")
        return self


NOTHING_UPWARD = Upward()
