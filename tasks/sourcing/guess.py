"""From a sample's columns and values to a proposed mapping, each part with why it was proposed.

Nothing is invented: a required field that no column looks like is proposed as the column TODO, so
that the file loads, `source check` names it, and no row passes before a person has decided.
"""

from dataclasses import dataclass, field
from typing import Any

from expectations.words import Words
from schemas.organisation import Organisation
from schemas.records import SHAPES, Field
from schemas.vocabulary import RecordKind
from tasks.sourcing import names, values
from tasks.sourcing.sample import Sample

TODO = "TODO"
_MOST = 0.5  # part of the values that must be known words or dates for a column to be taken as one


@dataclass(frozen=True)
class Guess:
    """One field: its spec as the YAML will say it, and the message that explains it.

    `why` is a key of the catalogue under `cli.source.why.`; `is_todo` asks for a person.
    """

    name: str
    spec: Any
    why: str
    said: dict[str, Any] = field(default_factory=dict)
    is_todo: bool = False


@dataclass(frozen=True)
class Guesser:
    """Guesses one record from one sample with one county's words."""

    sample: Sample
    record: RecordKind
    organisation: Organisation
    place_classes: tuple[str, ...] = ()

    def guesses(self) -> list[Guess]:
        """One guess for every field that has a column, and for every required one."""
        claimed = self._claimed()
        made = [self._field(f, claimed.get(f.name)) for f in SHAPES[self.record].fields]
        return [guess for guess in made if guess is not None]

    def reporters(self) -> list[str]:
        """Columns that name a person who reports."""
        return names.like(self._free(), "reporter")

    def unused(self, guesses: list[Guess]) -> list[str]:
        """Columns that no guess reads."""
        used = " ".join(str(g.spec) for g in guesses)
        return [c for c in self.sample.columns if c not in used and c not in self.reporters()]

    def _free(self) -> list[str]:
        return self.sample.columns

    def _claimed(self) -> dict[str, str]:
        """Field → column by name; then what only the values can tell."""
        reporters = set(self.reporters())
        columns = [c for c in self._free() if c not in reporters]
        claimed = {f: c for f, (c, _) in names.claims(columns, self.record).items()}
        ours = {f.name: f for f in SHAPES[self.record].fields}
        claimed = {f: c for f, c in claimed.items() if self._plausible(ours[f], c)}
        left = [c for c in columns if c not in claimed.values()]
        for found in SHAPES[self.record].fields:
            if found.required and found.name not in claimed:
                column = next((c for c in left if self._by_values(found, c)), None)
                if column is not None:
                    claimed[found.name] = column
                    left.remove(column)
        return claimed

    def _plausible(self, found: Field, column: str) -> bool:
        """Whether the values do not speak against what the name says."""
        rows = self.sample.rows[column]
        if found.kind in ("time", "date"):
            return self._is_date(column)
        if found.name == "source_id":
            return values.is_unique(rows)
        return True

    def _by_values(self, found: Field, column: str) -> bool:
        rows = self.sample.rows[column]
        if found.name == "source_id":
            return values.is_unique(rows) and not self._is_date(column)
        if found.name in ("town_code", "sector_code"):
            return values.share_known(rows, self._words(found)) > _MOST
        if found.kind == "time":
            return self._is_date(column)
        return False

    def _is_date(self, column: str) -> bool:
        dates = values.dates_in(self.sample.rows[column], self.organisation.zone)
        return dates.filled > 0 and dates.read > _MOST * dates.filled

    def _words(self, found: Field) -> dict[str, str]:
        is_town = found.name == "town_code"
        return self.organisation.town_words() if is_town else self.organisation.sector_words()

    def _field(self, found: Field, column: str | None) -> Guess | None:
        if column is None:
            return self._located(found) or self._todo(found)
        if found.kind in ("time", "date"):
            return self._dated(found, column)
        if found.name in ("town_code", "sector_code"):
            return self._unit(found, column)
        if found.kind == "code":
            return self._coded(found, column)
        if found.kind == "money":
            unit = values.money_unit(column)
            spec = {"from": column, "money": unit or "yuan"}
            why = "money" if unit else "money_unsaid"
            return Guess(found.name, spec, why, {"column": column}, is_todo=not unit)
        if found.name == "source_id":
            return Guess(found.name, column, "unique", {"n": len(self.sample.rows)})
        return Guess(found.name, column, "name", {"column": column})

    def _dated(self, found: Field, column: str) -> Guess:
        dates = values.dates_in(self.sample.rows[column], self.organisation.zone)
        formats = dates.formats[0] if len(dates.formats) == 1 else list(dates.formats)
        spec: dict[str, Any] = {"from": column, found.kind: formats}
        if dates.needs_zone and found.kind == "time":
            spec["zone"] = self.organisation.zone
        why = "ambiguous" if dates.ambiguous else "dates"
        said = {"read": dates.read, "filled": dates.filled}
        return Guess(found.name, spec, why, said, is_todo=dates.ambiguous)

    def _unit(self, found: Field, column: str) -> Guess:
        kind = found.name.removesuffix("_code")
        share = values.share_known(self.sample.rows[column], self._words(found))
        said = {"percent": round(100 * share)}
        return Guess(found.name, {"from": column, kind: True}, "words", said, is_todo=share < 1)

    def _coded(self, found: Field, column: str) -> Guess:
        words = Words.of(self.organisation, self.place_classes)
        known = values.coded(self.sample.rows[column], found, self.record, words)
        every = values.distinct(self.sample.rows[column])
        spec = {"from": column, "map": known} if known else column
        said = {
            "known": len(known),
            "words": len(every),
            "codes": ", ".join(words.allowed(self.record, found.name)),
        }
        return Guess(found.name, spec, "codes", said, is_todo=len(known) < len(every))

    def _located(self, found: Field) -> Guess | None:
        """A town by coordinates, where the county has wards and the sample two such columns."""
        lat, lon = (names.like(self._free(), key) for key in ("latitude", "longitude"))
        if found.name != "town_code" or not lat or not lon or self.organisation.wards is None:
            return None
        spec = {"town": {"by": "coordinates", "lat": lat[0], "lon": lon[0]}}
        return Guess(found.name, spec, "coordinates", {})

    def _todo(self, found: Field) -> Guess | None:
        if not found.required:
            return None
        said: dict[str, Any] = {}
        if found.kind == "code" and found.name not in ("town_code", "sector_code"):
            words = Words.of(self.organisation, self.place_classes)
            said = {"codes": ", ".join(words.allowed(self.record, found.name))}
        spec = {
            "time": {"from": TODO, "time": "iso", "zone": self.organisation.zone},
            "code": TODO,
        }.get(found.kind, TODO)
        return Guess(found.name, spec, "missing_code" if said else "missing", said, is_todo=True)
