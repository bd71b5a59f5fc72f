"""A county with a major hazard, an operator's device and a leader's."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from rules.listing_life import Said
from schemas.period import DAY_MS, HOUR_MS
from schemas.vocabulary import ListingLevel, ListingStep
from tasks.listing_steps import ListingReport, advance
from tasks.supervising import supervise
from tests.operators.people import Device, enrolled
from tests.store.tiny import MONDAY, Tiny, finding, life

LEADER, COLLEAGUE, ACTOR = "主任周虚构", "同事吴虚构", "经办人郑虚构"
OFFICE = "虚构市安委办"


@dataclass
class Desk:
    """The office at work: its county and who sits there; every step uses a fresh code."""

    tiny: Tiny
    leader: Device
    colleague: Device
    at: int = MONDAY + 2 * DAY_MS

    def proposed(self, *names: str, **fields: str) -> str:
        """The id of the listing that the clock proposes for these major hazards."""
        findings = [finding(n, severity="major", **fields) for n in names]
        updates = [u for n in names for u in life(n, MONDAY, to="verified")]
        self.tiny.bring(MONDAY + 12 * HOUR_MS, findings, updates)
        supervise(self.tiny.county, self.at)
        (found,) = self.tiny.query("SELECT listing_id FROM listing")
        return str(found[0])

    def copied(self, folder: Path) -> "Desk":
        """The same office elsewhere."""
        return replace(self, tiny=self.tiny.copied(folder))

    def step(
        self, key: str, step: ListingStep, *, by: Device | None = None, days: int = 0, **said: Any
    ) -> ListingReport:
        """One step, `days` later, with the code of whoever is the second person."""
        self.at += days * DAY_MS + 60_000  # no code is good twice
        second = {"second_person": by.name} if by else {}
        told = Said(self.at, person=said.pop("person", ACTOR), **second, **said)
        code = by.shows(self.at) if by else ""
        return advance(
            self.tiny.county, key, step, told, actor=ACTOR, now=self.at, code=code, dry_run=False
        )

    def approve(self, key: str) -> str:
        """Listed by the leader; the number."""
        done = self.step(key, ListingStep.APPROVED, by=self.leader)
        assert done.ok, done
        return done.number

    def delist(self, key: str, level: ListingLevel = ListingLevel.COUNTY) -> ListingReport:
        return self.step(key, ListingStep.DELISTED, by=self.colleague, level=level)


@dataclass
class Proposed(Desk):
    """The office after the clock has proposed F1 for listing, as `key`."""

    key: str = ""


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory, migrated_file: Path) -> Desk:
    """The office before anything was found. To be copied."""
    tiny = Tiny.make(tmp_path_factory.mktemp("desk"), migrated_file)
    leader = enrolled(tiny.county, LEADER, role="leader")
    return Desk(tiny, leader, enrolled(tiny.county, COLLEAGUE, role="operator"))


@pytest.fixture(scope="module")
def proposed_once(opened: Desk, tmp_path_factory: pytest.TempPathFactory) -> Proposed:
    own = opened.copied(tmp_path_factory.mktemp("proposed"))
    return Proposed(**vars(own), key=own.proposed("F1"))


@pytest.fixture
def desk(opened: Desk, tmp_path: Path) -> Desk:
    return opened.copied(tmp_path)


@pytest.fixture
def proposed(proposed_once: Proposed, tmp_path: Path) -> Proposed:
    """The office with a proposal, to work in."""
    return replace(proposed_once, tiny=proposed_once.tiny.copied(tmp_path))
