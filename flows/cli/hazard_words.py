"""Codes of a hazard's file as people's words: names, money, moments, fields in their order."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from flows.cli.words import lang
from tasks.rendering.catalogue import known, text

_KINDS = ("fact_kind", "report_step", "enforcement", "note", "hazard_event", "listing_step")
_FIRST = ("description", "reason", "responsible_unit", "due_date", "due_by_policy")
_CODED = {
    "channel": "channel",
    "severity": "severity",
    "listing_level": "listing_level",
    "rung": "rung",
    "by": "link_by",
}


def word(kind: str, code: str) -> str:
    """The wording of a code of one kind; a code that has none stands for itself."""
    key = f"{kind}.{code}"
    return text(key, lang()) if known(key) else code


def event_word(code: str) -> str:
    return next((text(f"{k}.{code}", lang()) for k in _KINDS if known(f"{k}.{code}")), code)


def listed(parts: Iterable[str]) -> str:
    return text("format.list", lang()).join(parts)


def needs(names: Iterable[str]) -> str:
    return listed(word("need", name) for name in names)


def yuan(fen: int) -> str:
    amount = Decimal(fen) / 100
    shown = f"{amount:,.0f}" if fen % 100 == 0 else f"{amount:,.2f}"
    return text("hazard.yuan", lang(), amount=shown)


def moment(iso: str | None) -> str:
    """To the minute: 2025-03-10 08:30."""
    return iso[:16].replace("T", " ") if iso else ""


def beside(iso: str | None, other: str | None) -> str:
    """A moment next to another one: the year, and the day, only where they differ."""
    shown, given = moment(iso), moment(other)
    if shown[:10] == given[:10]:
        return shown[11:]
    return shown[5:] if shown[:4] == given[:4] else shown


@dataclass(frozen=True)
class Names:
    """The county's towns and sectors by code, in the language that is spoken."""

    towns: Mapping[str, str]
    sectors: Mapping[str, str]

    @classmethod
    def of(cls, organisation: Any) -> "Names":
        towns, sectors = (
            {u.code: u.name.zh if lang() == "zh" else u.name.en for u in units}
            for units in (organisation.towns, organisation.sectors)
        )
        return cls(towns, sectors)

    def town(self, code: str) -> str:
        return self.towns.get(code, code)

    def sector(self, code: str) -> str:
        return self.sectors.get(code, code)

    def recipient(self, code: str) -> str:
        kind, _, name = code.partition(":")
        if kind == "town":
            return self.town(name)
        return self.sector(name) if kind == "sector" else name or word("recipient", code)

    def value(self, field: str, value: Any) -> str:
        """One value of what an event says."""
        if field.endswith("_fen"):
            return yuan(int(value))
        if field in ("town_code", "sector_code"):
            return self.town(value) if field == "town_code" else self.sector(value)
        if field == "recipient":
            return self.recipient(value)
        if field in _CODED:
            return word(_CODED[field], str(value))
        return moment(value) if field == "asked_at" else str(value)

    def said(self, values: Mapping[str, Any], without: Iterable[str] = ()) -> list[tuple[str, str]]:
        """(label, value) of every field that says something, what matters most first."""
        hidden = set(without)
        order = sorted(values, key=lambda f: _FIRST.index(f) if f in _FIRST else len(_FIRST))
        return [
            (word("field", f), "" if values[f] is True else self.value(f, values[f]))
            for f in order
            if f not in hidden and values[f] not in (None, "", False)
        ]
