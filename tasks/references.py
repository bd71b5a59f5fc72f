"""What a county's mappings look up beside the YAML: wards on a map, codes of other years.

    config/<county>/wards.geojson          named by `wards` in organisation.yaml
    config/<county>/remaps/<table>.csv     as_of,old,new

Read when a mapping first needs them. A file that cannot be used is a ReferenceFault that names it.
"""

import csv
import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from schemas.organisation import Frozen, Organisation
from schemas.source import SourceDeclaration
from tasks.intake.mapping_text import fold
from tasks.intake.mapping_values import as_numbers
from tasks.intake.mapping_wards import Polygon, ward_of

REMAP_COLUMNS = ("as_of", "old", "new")
Remaps = dict[tuple[str, str], str]  # (year, code of that year) → code of today, "" for none


class ReferenceText(Frozen):
    """A reference file as it is kept with the ledger."""

    name: str
    text: str


class ReferenceFault(Exception):
    """A reference file is missing or cannot be used; the message names it and the reason."""


@dataclass(frozen=True)
class Wards:
    """The county's wards as polygons, and the town that each belongs to ("" for none of ours)."""

    towns: tuple[str, ...]
    polygons: tuple[Polygon, ...]

    def codes(self, lat: pd.Series, lon: pd.Series) -> pd.Series:
        """Town codes of WGS84 degrees given as text; blank where both are blank.

        A point in no ward, or in two, stays `lat,lon`: no list knows it, so the row is refused.
        """
        ward = ward_of(as_numbers(lon), as_numbers(lat), self.polygons)
        found = pd.Series([*self.towns, ""], dtype="str").iloc[ward].reset_index(drop=True)
        written = lat.fillna("") + "," + lon.fillna("")
        return found.mask(found == "", written).mask(lat.isna() & lon.isna())


@dataclass(frozen=True)
class References:
    """The reference files of one county, each read once. `folder` is config/<county>."""

    folder: Path | None = None
    organisation: Organisation | None = None

    @cached_property
    def wards(self) -> Wards:
        """Raises ReferenceFault."""
        named = self.organisation.wards if self.organisation else None
        if self.folder is None or self.organisation is None or named is None:
            raise ReferenceFault(
                "a town is told by its coordinates, but no wards are named: write"
                " `wards: {file: wards.geojson, town: <property>}` into organisation.yaml"
            )
        return _wards(self.folder / named.file, named.town, self.organisation)

    @cached_property
    def _remaps(self) -> dict[str, Remaps]:
        return {}

    def remap(self, table: str) -> Remaps:
        """Raises ReferenceFault."""
        if table not in self._remaps:
            if self.folder is None:
                raise ReferenceFault(f"the table {table!r} has no folder to be read from")
            self._remaps[table] = _remaps(self.folder / "remaps" / f"{table}.csv")
        return self._remaps[table]

    def require(self, declaration: SourceDeclaration) -> None:
        """Read what this declaration looks up. Raises ReferenceFault."""
        for name in declaration.looks_up():
            folder, _, table = name.partition("/")
            if folder == "remaps":
                self.remap(table)
            else:
                assert self.wards

    def texts(self, declarations: Iterable[SourceDeclaration]) -> list[ReferenceText]:
        """Every file that these declarations look up, by its name in the county's folder."""
        asked = sorted({name for declaration in declarations for name in declaration.looks_up()})
        named = self.organisation.wards if self.organisation else None
        files = [named.file if name == "wards" and named else f"{name}.csv" for name in asked]
        folder = self.folder or Path()
        return [ReferenceText(name=file, text=_text(folder / file)) for file in files]


NO_REFERENCES = References()


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = f"{path} cannot be read ({type(error).__name__}); a mapping needs it"
        raise ReferenceFault(reason) from None


def _remaps(path: Path) -> Remaps:
    rows = list(csv.reader(_text(path).splitlines()))
    if not rows or tuple(rows[0][:3]) != REMAP_COLUMNS:
        raise ReferenceFault(f"{path}: the first line must read {','.join(REMAP_COLUMNS)}")
    table: Remaps = {}
    for line, row in enumerate(rows[1:], 2):
        if not any(row):
            continue
        year, old, new = (fold(cell) for cell in (*row, "", "")[:3])
        if not year or not old:
            raise ReferenceFault(f"{path}:{line}: a code without its year, or without itself")
        if table.setdefault((year, old), new) != new:
            raise ReferenceFault(f"{path}:{line}: {old} of {year} becomes two codes")
    return table


def _wards(path: Path, key: str, organisation: Organisation) -> Wards:
    words = {fold(word).casefold(): code for word, code in organisation.town_words().items()}
    towns, polygons = [], []
    for number, feature in enumerate(_features(path), 1):
        where = f"{path}: feature {number}"
        name = (feature.get("properties") or {}).get(key)
        if name is None:
            raise ReferenceFault(f"{where} has no property {key!r}; see wards in organisation.yaml")
        towns.append(words.get(fold(str(name)).casefold(), ""))
        polygons += [Polygon.of(number - 1, rings) for rings in _rings(feature, where)]
    if not any(towns):
        raise ReferenceFault(f"{path}: no {key!r} names a town of this county by code, name, alias")
    return Wards(tuple(towns), tuple(polygons))


def _features(path: Path) -> list[dict[str, Any]]:
    try:
        content = json.loads(_text(path))
    except ValueError as error:
        raise ReferenceFault(f"{path} is not JSON: {error}") from None
    features = content.get("features") if isinstance(content, dict) else content
    if not isinstance(features, list) or not all(isinstance(f, dict) for f in features):
        raise ReferenceFault(f"{path} is no GeoJSON FeatureCollection")
    return features


def _rings(feature: dict[str, Any], where: str) -> list[Any]:
    """The polygons of a feature, each a list of rings, the outer one first."""
    shape = feature.get("geometry") or {}
    if shape.get("type") == "Polygon":
        return [shape["coordinates"]]
    if shape.get("type") == "MultiPolygon":
        return list(shape["coordinates"])
    raise ReferenceFault(f"{where} is a {shape.get('type')}, not a Polygon or MultiPolygon")
