"""The registry of the city's places and the visits that found nothing.

Promise: about one place per two hazards in four classes; some open after the campaign began or
shut during it (not due then), and one place of every forty moves town. Homes have no credit code.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random

from demo import words
from demo.clock import FIRST_MONDAY
from demo.model import PlaceVersion, Value
from demo.scene import Scene
from schemas.period import DAY_MS, HOUR_MS

_CLASSES = (("enterprise", 30), ("shop", 34), ("vulnerable_home", 10), ("rented_home", 26))
_HOME_SECTORS = ("urban_operation", "fire")
_USCC = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)


@dataclass
class Places:
    """All versions of all places, by id; `town_at` answers for a time."""

    versions: dict[str, list[PlaceVersion]]

    def ids(self) -> list[str]:
        return list(self.versions)

    def at(self, place_id: str, instant: int) -> PlaceVersion:
        known = [v for v in self.versions[place_id] if v.valid_from <= instant]
        return known[-1] if known else self.versions[place_id][0]

    def is_active(self, place_id: str, instant: int) -> bool:
        first, last = self.versions[place_id][0], self.versions[place_id][-1]
        return first.valid_from <= instant and (last.active_to == 0 or instant < last.active_to)


def credit_code(rng: Random) -> str:
    """A unified social credit code with a right check character (GB 32100-2015), invented."""
    body = "91999001" + "".join(rng.choice(_USCC) for _ in range(9))
    total = sum(_USCC.index(c) * w for c, w in zip(body, _WEIGHTS, strict=True))
    return body + _USCC[-total % 31]


def populate(scene: Scene, hazards: int, town_weights: dict[str, int]) -> Places:
    """Register max(240, hazards / 2) places and let a few of them change."""
    rng = scene.rng
    towns, weights = list(town_weights), list(town_weights.values())
    places = Places({})
    for n in range(max(240, hazards // 2)):
        town = rng.choices(towns, weights)[0]
        places.versions[f"999001-{n:05d}"] = [_first(scene, n, town)]
    _change_some(scene, places, towns)
    return places


def _first(scene: Scene, n: int, town: str) -> PlaceVersion:
    rng = scene.rng
    place_class = rng.choices([c for c, _ in _CLASSES], [w for _, w in _CLASSES])[0]
    is_home = place_class.endswith("_home")
    sector = rng.choice(_HOME_SECTORS if is_home else scene.organisation.sector_codes())
    opened, sent = _opened(scene)
    name = words.place_name(rng, place_class, n)
    code = "" if is_home else credit_code(rng)
    version = PlaceVersion(
        f"999001-{n:05d}", name, place_class, town, sector, code, opened, 0, sent, 0
    )
    return _registered(scene, version)


def _opened(scene: Scene) -> tuple[int, int]:
    """Most places opened years ago; one in thirty this spring, after the campaign began."""
    rng = scene.rng
    if rng.random() < 1 / 30:
        day = FIRST_MONDAY + timedelta(days=rng.randint(-30, min(7 * scene.weeks.count, 120) - 8))
        opened = scene.clock.at(day)
        return opened, max(opened + rng.randint(9, 15) * HOUR_MS, _loaded(scene))
    day = date(2018, 1, 1) + timedelta(days=rng.randint(0, 2400))
    return scene.clock.at(day), _loaded(scene)


def _loaded(scene: Scene) -> int:
    """When the registry took in what it had before the city's first week."""
    return scene.weeks.start(0) - 9 * DAY_MS + scene.rng.randint(0, 4 * 1440) * 60_000


def _registered(scene: Scene, version: PlaceVersion, dirt: str = "") -> PlaceVersion:
    """Write a version as a registry row, and remember when it could be known."""
    fields: dict[str, Value] = {
        "name": version.name,
        "place_class": version.place_class,
        "town_code": version.town,
        "sector_code": version.sector,
        "credit_code": version.credit_code,
        "active_to": version.active_to or None,
    }
    row = scene.write(
        "registry", "place", version.valid_from, version.sent, fields, row_id=version.id, dirt=dirt
    )
    return replace(version, known=row.receipt.received)


def _change_some(scene: Scene, places: Places, towns: list[str]) -> None:
    rng, days = scene.rng, 7 * scene.weeks.count
    for place_id in places.ids():
        draw, was = rng.random(), places.versions[place_id][0]
        day = FIRST_MONDAY + timedelta(days=rng.randint(8, max(9, days - 3)))
        # A change on a Monday would take effect exactly at the end of a week.
        at = scene.clock.at(day + timedelta(days=1) if day.weekday() == 0 else day)
        sent = at + rng.randint(9, 15) * HOUR_MS
        if was.valid_from >= at or was.sent >= sent:
            continue
        if draw < 1 / 40:
            town = rng.choice([t for t in towns if t != was.town])
            moved = replace(was, town=town, valid_from=at, sent=sent)
            places.versions[place_id].append(_registered(scene, moved))
        elif draw < 2 / 40:
            shut = replace(was, active_to=at, sent=sent)
            places.versions[place_id].append(_registered(scene, shut))


def visit(scene: Scene, places: Places, source: str, place_id: str, at: int, found: bool) -> None:
    """One check of a place through a source that checks: inspection, grid or selfcheck."""
    rng = scene.rng
    channel, actor = _ROUTES[source]
    fields: dict[str, Value] = {
        "place_id": place_id,
        "channel": rng.choice(channel),
        "actor_kind": rng.choice(actor),
        "result": "hazards_found" if found else "clean",
    }
    unit = places.at(place_id, at).town if source == "grid" else ""
    scene.write(source, "check", at, at + rng.randint(5, 90) * 60_000, fields, unit=unit)


_ROUTES = {
    "inspection": (("professional_inspection", "undercover_visit"), ("government", "intermediary")),
    "grid": (("grid_patrol",), ("grid",)),
    "selfcheck": (("self_check",), ("enterprise",)),
}


def drive(scene: Scene, places: Places, town: str, week: int) -> None:
    """A town visits nearly all its places in one week: its ledger alone moves its coverage."""
    rng = scene.rng
    for place_id in places.ids():
        day = scene.weeks.start(week) + rng.randint(0, 4) * DAY_MS
        at = day + rng.randint(9 * 60, 17 * 60) * 60_000
        mine = places.at(place_id, at).town == town and places.is_active(place_id, at)
        if mine and rng.random() < 0.95:
            visit(scene, places, "grid", place_id, at, found=False)


def clean_visits(scene: Scene, places: Places, count: int, saving: tuple[str, int]) -> None:
    """Visits without a finding, spread over the world, and the platform's own regular ones.

    `saving`: a town and an instant; before it that town visits nobody, it waits for its drive.
    """
    rng = scene.rng
    span = scene.weeks.end(scene.weeks.count - 1) - scene.weeks.start(0)
    ids = places.ids()
    for _ in range(count):
        at = scene.weeks.start(0) + rng.randrange(span // 60_000) * 60_000
        place_id = rng.choice(ids)
        waits = at < saving[1] and places.at(place_id, at).town == saving[0]
        if waits or not places.is_active(place_id, at):
            continue
        is_enterprise = places.versions[place_id][0].place_class == "enterprise"
        sources = ("inspection", "grid", "selfcheck") if is_enterprise else ("inspection", "grid")
        visit(scene, places, rng.choice(sources), place_id, at, found=False)
    for instant in scene.weeks.instants:  # the duty officer's round before every collect
        visit(scene, places, "inspection", ids[0], instant - 3 * HOUR_MS, found=False)
