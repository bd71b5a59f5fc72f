"""Every hazard of the city: where it is found, by whom, and which story it lives.

Promise: two findings of one place and category lie within the identity window only where the world
means one hazard (a re-find, near-same text) or cannot show it (ambiguous, other words altogether);
a recurrence of the same words lies beyond the window.
"""

from dataclasses import dataclass, field
from random import Random

from demo import words
from demo.life import Life
from demo.majors import MAJORS
from demo.model import NEVER, Hazard, Refind, Value
from demo.places import Places, visit
from demo.scene import Scene
from demo.stories import STORIES, main_line, stalled, too_late
from demo.telling import Origin
from schemas.period import DAY_MS
from schemas.vocabulary import FactKind, Severity

_SOURCES = (("grid", 34), ("inspection", 26), ("selfcheck", 25), ("complaints", 15))
_CHANNELS = {
    "inspection": (
        ("professional_inspection", 60),
        ("undercover_visit", 15),
        ("smart_sensing", 15),
        ("media", 5),
        ("opinion_patrol", 5),
    ),
    "grid": (("grid_patrol", 1),),
    "selfcheck": (("self_check", 1),),
    "complaints": (("public_report", 1),),
}
MAJOR_SHARE, REFIND_SHARE, AMBIGUOUS_SHARE = 0.04, 0.05, 0.015
BESIDE_SHARE = 0.05  # of hard worlds only
RECURRENCE_SHARE, CORRECTED_SHARE, DUPLICATE_REPORT_SHARE = 0.015, 0.012, 0.08
_CORRECTED = (
    ("U001", "town_code", "云顶镇"),
    ("U002", "sector_code", "航天"),
    ("U003", "severity", "特别严重"),
    ("D002", "found_at", "2025-02-30 10:00:00"),
)


def drawn(rng: Random, shares: tuple[tuple[str, int], ...]) -> str:
    return rng.choices([s for s, _ in shares], [w for _, w in shares])[0]


@dataclass
class Population:
    """The hazards told so far, and what they occupy."""

    scene: Scene
    places: Places
    slack: dict[str, float]  # by town: how readily a main line stalls
    town_weights: dict[str, int]
    hazards: list[Hazard] = field(default_factory=list)
    refinds: list[Refind] = field(default_factory=list)
    used: set[tuple[str, str]] = field(default_factory=set)
    complaints: list[str] = field(default_factory=list)
    hard: bool = False  # re-finds retold and renamed, and other hazards right beside

    @property
    def rng(self) -> Random:
        return self.scene.rng

    @property
    def window_ms(self) -> int:
        return int(self.scene.policy["identity"]["window_days"]) * DAY_MS

    def spawn(self) -> None:
        """One hazard, and perhaps what comes of it: a re-find, an ambiguous one, a recurrence."""
        life = self._told(self._origin(), corrected=self.rng.random() < CORRECTED_SHARE)
        hazard = life.hazard()
        self.hazards.append(hazard)
        if not hazard.place_id:
            return
        draw = self.rng.random()
        if draw < REFIND_SHARE:
            self._refind(life, hazard)
        elif draw < REFIND_SHARE + AMBIGUOUS_SHARE:
            self._again(hazard, self._soon(hazard), ambiguous=True)
        elif draw < REFIND_SHARE + AMBIGUOUS_SHARE + RECURRENCE_SHARE:
            later = hazard.found_at + self.window_ms + self.rng.randint(2, 9) * DAY_MS
            self._again(hazard, later, ambiguous=False)
        elif self.hard and draw > 1 - BESIDE_SHARE:
            self._beside(hazard)

    # -- where and by whom ---------------------------------------------------------------------

    def _origin(self) -> Origin:
        source = drawn(self.rng, _SOURCES)
        at = self._moment()
        place_id = self._place(source, at)
        sector, category = self._category(place_id, at)
        text = words.description(self.rng, sector, category)
        return self._origin_of(source, at, place_id, sector, category, text)

    def _origin_of(
        self, source: str, at: int, place_id: str, sector: str, category: str, text: str
    ) -> Origin:
        place = self.places.at(place_id, at) if place_id else None
        weights = self.town_weights
        town = place.town if place else self.rng.choices(list(weights), list(weights.values()))[0]
        unit = place.name if place else f"演示责任单位{self.rng.randint(1, 999):03d}"
        major = source != "complaints" and self.rng.random() < MAJOR_SHARE
        via = "inspection" if source == "complaints" or (major and source == "grid") else source
        return Origin(
            source, drawn(self.rng, _CHANNELS[source]), place_id, unit, town, sector, category,
            text, Severity.MAJOR if major else Severity.GENERAL, at, via,
        )  # fmt: skip

    def _moment(self) -> int:
        weeks = self.scene.weeks
        minutes = (weeks.end(weeks.count - 1) - weeks.start(0)) // 60_000
        day = weeks.start(0) + self.rng.randrange(minutes) * 60_000 // DAY_MS * DAY_MS
        return int(day + self.rng.randint(8 * 60, 18 * 60) * 60_000)

    def _place(self, source: str, at: int) -> str:
        """An active place with a category left; "" for a report that names none."""
        if self.rng.random() < {"complaints": 0.4, "grid": 0.05}.get(source, 0.0):
            return ""
        ids = self.places.ids()
        while True:
            place_id = self.rng.choice(ids)
            fits = source != "selfcheck" or self.places.at(place_id, at).place_class == "enterprise"
            if fits and self.places.is_active(place_id, at) and self._free(place_id, at):
                return place_id

    def _free(self, place_id: str, at: int) -> list[tuple[str, str]]:
        sector = self.places.at(place_id, at).sector
        both = dict.fromkeys((sector, "fire"))
        return [(s, c) for s in both for c in words.categories(s) if (place_id, c) not in self.used]

    def _category(self, place_id: str, at: int) -> tuple[str, str]:
        if not place_id:
            return self.rng.choice(words.all_categories())
        sector, category = self.rng.choice(self._free(place_id, at))
        self.used.add((place_id, category))
        return sector, category

    # -- what it lives -------------------------------------------------------------------------

    def _told(self, origin: Origin, corrected: bool = False) -> Life:
        corrected = corrected and origin.source in ("inspection", "grid")
        delay = self.rng.randint(8, 10) * DAY_MS if corrected else 0
        life = Life(self.scene, self.rng, origin, delay)
        if corrected:
            self._first_version(life)
        if origin.place_id and origin.source != "complaints" and self.rng.random() < 0.8:
            at = origin.found_at - 60_000
            visit(self.scene, self.places, origin.source, origin.place_id, at, found=True)
        self._live(life)
        if origin.source == "complaints":
            self.complaints.append(life.id)
        return life

    def _first_version(self, life: Life) -> None:
        """The same finding, sent dirty a week before it came right."""
        code, name, raw = self.rng.choice(_CORRECTED)
        row = life.finding
        self.scene.write(
            row.source, "finding", row.claimed, row.claimed + 30 * 60_000, _without(row.fields),
            unit=row.unit, row_id=row.id, expect=code, dirt="corrected_later", spoil=((name, raw),),
        )  # fmt: skip

    def _live(self, life: Life) -> None:
        origin = life.origin
        if self._is_duplicate_report(origin):
            target = self.rng.choice(self.complaints)
            life.merge(life.after(0.1, 2), target, "complaints", reason="Duplicate request")
            life.story = "duplicate_report"
            return
        if origin.severity is Severity.MAJOR:
            tell = self.rng.choices([t for t, _ in MAJORS], [w for _, w in MAJORS])[0]
        else:
            told = [s for s in STORIES if origin.source not in s.not_from]
            tell = self.rng.choices(told, [s.share for s in told])[0].tell
            if tell is main_line and self.rng.random() < self.slack[origin.town]:
                tell = self.rng.choice((stalled, too_late))
        tell(life)
        life.story = ("major_" if origin.severity is Severity.MAJOR else "") + tell.__name__

    def _is_duplicate_report(self, origin: Origin) -> bool:
        """Only a report that names no place: with one, the text would join it by itself."""
        return (
            origin.source == "complaints"
            and not origin.place_id
            and bool(self.complaints)
            and self.rng.random() < DUPLICATE_REPORT_SHARE * 3
        )

    # -- found again ---------------------------------------------------------------------------

    def _soon(self, hazard: Hazard) -> int:
        most = min(self.window_ms // DAY_MS - 3, 9)
        return hazard.found_at + self.rng.randint(1, max(1, most)) * DAY_MS

    def _in_world(self, at: int) -> bool:
        weeks = self.scene.weeks
        return at < weeks.end(weeks.count - 1)

    def _other_source(self, hazard: Hazard, at: int) -> str:
        is_enterprise = self.places.at(hazard.place_id, at).place_class == "enterprise"
        sources = ["grid", "inspection", "complaints"] + ["selfcheck"] * is_enterprise
        return self.rng.choice([s for s in sources if s != hazard.source])

    def _again(self, hazard: Hazard, at: int, ambiguous: bool) -> None:
        """A hazard of its own at the same place and category."""
        if not self._in_world(at) or not self.places.is_active(hazard.place_id, at):
            return
        text = words.colloquial(hazard.sector, hazard.category) if ambiguous else hazard.description
        source = self._other_source(hazard, at) if ambiguous else hazard.source
        life = self._told(
            self._origin_of(source, at, hazard.place_id, hazard.sector, hazard.category, text)
        )
        self.hazards.append(life.hazard(hazard.key if ambiguous else ""))

    def _beside(self, hazard: Hazard) -> None:
        """Another hazard of the same kind in the same place and days, at another spot of it."""
        at = self._soon(hazard)
        if not self._in_world(at) or not self.places.is_active(hazard.place_id, at):
            return
        text = words.beside(self.rng, hazard.sector, hazard.category, hazard.description)
        origin = self._origin_of(
            hazard.source, at, hazard.place_id, hazard.sector, hazard.category, text
        )
        self.hazards.append(self._told(origin).hazard())

    def _retold(self, fields: dict[str, Value], description: str) -> dict[str, Value]:
        """A re-find in a hard world: other words, the unit's name in another form, no number."""
        county = self.scene.organisation.name.zh
        town = self.scene.town_name(str(fields["town_code"]))
        name = words.renamed(self.rng, str(fields["unit_name"]), county, town)
        number = fields["place_id"] if self.rng.random() < 0.6 else ""
        said = words.retold(self.rng, description)
        return fields | {"description": said, "unit_name": name, "place_id": number}

    def _refind(self, root: Life, hazard: Hazard) -> None:
        """The same hazard reported through another channel; known no earlier than the first."""
        at = self._soon(hazard)
        if not self._in_world(at):
            return
        source = self._other_source(hazard, at)
        fields = _without(root.finding.fields) | {
            "town_code": self.places.at(hazard.place_id, at).town,
            "description": words.reworded(self.rng, hazard.description),
            "channel": drawn(self.rng, _CHANNELS[source]),
        }
        if self.hard:
            fields = self._retold(fields, hazard.description)
        unit = str(fields["town_code"]) if source == "grid" else ""
        sent = at if source == "complaints" else at + self.rng.randint(3, 90) * 60_000
        receipt = self.scene.post.receipt(source, unit, sent)
        if not root.steps[0].known <= receipt.received < NEVER:
            return
        row = self.scene.write(source, "finding", at, sent, fields, unit=unit)
        self.refinds.append(Refind(source, row.id, hazard.key, at, receipt.received))
        self._verify_again(root, row.id, source, at)

    def _verify_again(self, root: Life, finding_id: str, source: str, at: int) -> None:
        """Somebody verifies the re-find too: no effect, the hazard was verified before."""
        verified = [s for s in root.steps if s.kind is FactKind.VERIFIED]
        when = at + 5 * 3_600_000
        sent = when + 20 * 60_000
        receipt = self.scene.post.receipt("inspection", "", sent)
        if source == "grid" or not verified or verified[0].at >= when:
            return
        if verified[0].known > receipt.received:
            return
        fields: dict[str, Value] = {
            "finding_source": "" if source == "inspection" else source,
            "finding_id": finding_id,
            "event": FactKind.VERIFIED.value,
            "organisation": root.office,
        }
        row = self.scene.write("inspection", "update", when, sent, fields)
        self.scene.note(row, "ineffective")


def _without(fields: dict[str, Value]) -> dict[str, Value]:
    """A finding's fields without what `Scene.write` sets itself."""
    return {k: v for k, v in fields.items() if k not in ("source_id", "found_at", "sent_at")}
