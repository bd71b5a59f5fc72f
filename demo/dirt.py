"""The known kinds of dirt: about 5% of all rows, each with what must become of it.

Promise: a dirty row either is extra (refused, so nothing true rests on it), or still says the same
(full-width digits, odd spaces: accepted), or repeats a row of its own delivery (known). Extra rows
are sent when no collect follows within 26 hours, so that no overlap window reads one twice.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

from demo import words
from demo.model import KNOWN, NEVER, TAKEN, Row, Value
from demo.places import Places
from demo.scene import Scene

SHARE = 0.05
_JUNK, _DECORATED = 0.62, 0.22  # the rest are duplicates
_SOURCES = ("inspection", "grid", "selfcheck")
_FAR_FUTURE = date(2099, 1, 1)
_FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")


@dataclass(frozen=True)
class Junk:
    """A kind of extra row: the rule that refuses it and the cell that is wrong."""

    kind: str
    record: str
    code: str
    column: str = ""  # "": no cell is spoilt, the row is wrong as a whole
    raw: str = ""


JUNK: tuple[Junk, ...] = (
    Junk("impossible_date", "finding", "D002", "found_at", "2025-02-30 10:00:00"),
    Junk("impossible_date", "check", "D002", "checked_at", "2025-02-30 09:30:00"),
    Junk("impossible_date", "update", "D002", "happened_at", "2025年2月30日"),
    Junk("unknown_town", "finding", "U001", "town_code", "云顶镇"),
    Junk("unknown_sector", "finding", "U002", "sector_code", "航天"),
    Junk("unknown_severity", "finding", "U003", "severity", "特别严重"),
    Junk("unknown_result", "check", "U003", "result", "看过了"),
    Junk("unknown_event", "update", "U003", "event", "开会研究"),
    Junk("blank_description", "finding", "R001", "description", ""),
    Junk("blank_place", "check", "R001", "place_id", ""),
    Junk("blank_hazard", "update", "R001", "finding_id", ""),
    Junk("blank_date", "finding", "D001", "found_at", ""),
    Junk("far_future", "finding", "D003"),
    Junk("far_future", "check", "D003"),
    Junk("negative_money", "update", "N001", "funding_planned_fen", "-50000"),
    Junk("unreadable_money", "update", "N001", "funding_planned_fen", "约三五万"),
    Junk("orphan_update", "update", "A001"),
)


def soil(scene: Scene, places: Places) -> None:
    """Add dirt to a world that is otherwise told; rows already dirty count towards the share."""
    clean = [r for r in scene.ink.rows if r.record != "place"]
    already = sum(1 for r in clean if r.dirt)
    total = max(0, round(len(clean) * SHARE / (1 - SHARE * (1 - _DECORATED))) - already)
    junk = round(total * _JUNK)
    decorated = round(total * _DECORATED)
    for n in range(junk):
        _extra(scene, places, JUNK[n % len(JUNK)])
    _decorate(scene, clean, decorated)
    _repeat(scene, total - junk - decorated)
    _wrong_credit_codes(scene)
    _foreign_places(scene)


def _quiet_moment(scene: Scene) -> int:
    weeks = scene.weeks
    minutes = (weeks.end(weeks.count - 1) - weeks.start(0)) // 60_000
    while True:
        at = weeks.start(0) + scene.rng.randrange(minutes) * 60_000
        if weeks.quiet(at):
            return at


def _extra(scene: Scene, places: Places, junk: Junk) -> None:
    source = scene.rng.choice(_SOURCES)
    at = _quiet_moment(scene)
    fields = _MAKERS[junk.record](scene, places)
    place = places.at(str(fields.get("place_id") or places.ids()[0]), at)
    if junk.record == "finding":
        fields |= {"town_code": place.town, "unit_name": place.name}
    claimed = scene.clock.at(_FAR_FUTURE, 8) if junk.kind == "far_future" else at - 60 * 60_000
    scene.write(
        source, junk.record, claimed, at, fields,
        unit=place.town if source == "grid" else "",
        expect=junk.code, dirt=junk.kind,
        spoil=((junk.column, junk.raw),) if junk.column else (),
    )  # fmt: skip


def _finding(scene: Scene, places: Places) -> dict[str, Value]:
    sector, category = scene.rng.choice(words.all_categories())
    return {
        "place_id": scene.rng.choice(places.ids()),
        "sector_code": sector,
        "category": category,
        "description": words.description(scene.rng, sector, category),
        "severity": "general",
        "channel": "professional_inspection",
    }


def _check(scene: Scene, places: Places) -> dict[str, Value]:
    return {
        "place_id": scene.rng.choice(places.ids()),
        "channel": "professional_inspection",
        "actor_kind": "government",
        "result": "clean",
    }


def _update(scene: Scene, places: Places) -> dict[str, Value]:
    """An update of a hazard that never comes: whatever rule it breaks, nothing is moved."""
    return {
        "finding_source": "",
        "finding_id": f"NONE-{scene.number('none'):05d}",
        "event": "elements_filed",
        "measures": "加装防护",
    }


_MAKERS: dict[str, Callable[[Scene, Places], dict[str, Value]]] = {
    "finding": _finding,
    "check": _check,
    "update": _update,
}


def _delivered(rows: list[Row]) -> list[Row]:
    return [
        r
        for r in rows
        if r.source in _SOURCES and r.expect == TAKEN and not r.dirt and r.receipt.received < NEVER
    ]


def _decorate(scene: Scene, rows: list[Row], count: int) -> None:
    """Full-width digits or odd spaces in a cell that is looked up: accepted all the same."""
    findings = [r for r in _delivered(rows) if r.record == "finding"]
    for row in scene.rng.sample(findings, min(count, len(findings))):
        town = str(row.fields["town_code"])
        if row.source == "grid":
            raw, kind = f" {scene.town_name(town)}\u3000", "odd_spaces"
        else:
            raw, kind = town.translate(_FULL_WIDTH), "full_width_digits"
        scene.ink.rows[row.n] = replace(row, dirt=kind, spoil=(("town_code", raw),))


def _repeat(scene: Scene, count: int) -> None:
    """The same row twice in one delivery."""
    rows = _delivered(scene.ink.rows)
    for row in scene.rng.sample(rows, min(count, len(rows))):
        again = replace(row, n=len(scene.ink.rows), expect=KNOWN, dirt="duplicate_row")
        scene.ink.rows.append(again)


def _wrong_credit_codes(scene: Scene) -> None:
    """A wrong check character only warns (P001)."""
    rows = [r for r in scene.ink.rows if r.record == "place" and r.fields["credit_code"]]
    for row in scene.rng.sample(rows, min(6, len(rows))):
        code = str(row.fields["credit_code"])
        wrong = code[:-1] + ("0" if code[-1] != "0" else "1")
        spoil = (("credit_code", wrong),)
        scene.ink.rows[row.n] = replace(row, dirt="wrong_credit_code", spoil=spoil)


def _foreign_places(scene: Scene) -> None:
    """Places of another county among the registry's first rows: refused, never due."""
    at = scene.weeks.start(0) - 20 * 86_400_000
    for n in range(3):
        fields: dict[str, Value] = {
            "name": f"外地演示店铺{n:02d}",
            "place_class": "shop",
            "town_code": "888001001",
            "sector_code": "fire",
            "credit_code": "",
            "active_to": None,
        }
        scene.write(
            "registry", "place", at, at + n * 60_000, fields, row_id=f"888001-{n:05d}",
            expect="U001", dirt="unknown_town", spoil=(("town_code", "云顶镇"),),
        )  # fmt: skip
