"""A tiny county whose hazards have lived through nearly everything, and acts entered by hand."""

from pathlib import Path
from typing import Any

import pytest

from schemas.period import DAY_MS, HOUR_MS
from tasks.county import County
from tasks.entering import prepare
from tasks.supervising import supervise
from tests.store.tiny import (
    MONDAY,
    OTHER_TOWN,
    Row,
    Tiny,
    day,
    finding,
    hazard,
    iso,
    life,
    update,
)

NOW = MONDAY + 30 * DAY_MS + 9 * HOUR_MS  # 2025-04-02 09:00
OFFICE = {"organisation": "虚构市工业专委办", "person": "核查员赵虚构"}


@pytest.fixture(autouse=True)
def _environment(own_environment: None) -> None:
    """Tests of commands are here as well."""


def enter(county: County, name: str, event: str, now: int, actor: str, **said: Any) -> None:
    """An act by hand, as the ledger keeps it, its second person proved elsewhere."""
    row = {"stream_id": hazard(name), "event": event, "happened_at": now, "person": actor} | said
    entry = prepare(county, "operator", [row], now, actor)
    assert [o.outcome for o in entry.outcomes()] == ["applied"], entry.outcomes()
    entry.commit()


def major(name: str, at: int) -> list[Row]:
    """A major hazard under way: its plan comes days after the start that waits for it."""
    rows = list(life(name, at, to="started", due=at + 12 * DAY_MS))
    rows[-1].pop("plan_reference")
    plan = {"plan_reference": "预案-7", "evidence": "scan/7"}
    return [*rows, update(name, "elements_filed", at + 3 * DAY_MS, **plan)]


def moved(name: str, at: int) -> Row:
    """To another town, with the date as it is."""
    fields = {"town_code": OTHER_TOWN, "second_person": "副主任孙虚构"}
    return update(name, "moved", at, **fields)


def extended(name: str, at: int) -> list[Row]:
    fields = {
        "reason": "配件未到",
        "second_person": "副主任孙虚构",
        "due_date": day(at + 60 * DAY_MS),
        "interim_control": "专人值守",
    }
    return [
        *life(name, at, to="started", due=at + 10 * DAY_MS),
        update(name, "extended", at + 4 * DAY_MS, **fields),
    ]


@pytest.fixture(scope="session")
def told_once(tmp_path_factory: pytest.TempPathFactory, migrated_file: Path) -> Tiny:
    tiny = Tiny.make(tmp_path_factory.mktemp("told"), migrated_file)
    place = {"place_id": "P-A", "description": "一号厂房消防通道被成品货物堵塞，无法通行"}
    findings = [
        finding("A1", **place),
        finding("A2", MONDAY + DAY_MS, **place),
        finding("B1", severity="major", sector_code="fire"),
        finding("C1", channel="self_check"),
        finding("D1", MONDAY + DAY_MS),
        finding("E1", MONDAY + 2 * DAY_MS, unit_name="=虚构=五金厂"),
        finding("G1", MONDAY + 3 * DAY_MS, town_code=OTHER_TOWN, channel="public_report"),
        finding("H1", MONDAY + 4 * DAY_MS),
    ]
    at = MONDAY
    updates = [
        *life("A1", at),
        *major("B1", at + HOUR_MS),
        *life("C1", at, to="started", due=at + 5 * DAY_MS),
        *extended("D1", at + DAY_MS),
        *life("E1", at + 2 * DAY_MS, to="submitted"),
        update("G1", "report_accepted", at + 4 * DAY_MS),
        update("H1", "closed", at + 5 * DAY_MS),
    ]
    tiny.bring(MONDAY + 7 * DAY_MS, findings, updates)
    wrong = update("D1", "interim_checked", at + 5 * DAY_MS, source_id="D1-check")
    right = wrong | {"reason": "现场看过", "sent_at": iso(at + 7 * DAY_MS)}
    void = {"target": "B1-void-me", "reason": "录错", "second_person": "副主任孙虚构"}
    later = [
        right,
        moved("C1", at + 10 * DAY_MS + HOUR_MS),
        update("B1", "penalised", at + 8 * DAY_MS, source_id="B1-void-me"),
        update("B1", "voided", at + 9 * DAY_MS, **void),
        update("C1", "elements_filed", at + 11 * DAY_MS, responsible_unit="虚构五金厂C1二厂"),
    ]
    tiny.bring(MONDAY + 8 * DAY_MS, [], [wrong])
    tiny.bring(MONDAY + 14 * DAY_MS, [], later)
    enter(tiny.county, "G1", "penalised", NOW - HOUR_MS, "李虚构", amount_fen=2_000_050)
    supervise(tiny.county, NOW)
    return tiny


@pytest.fixture
def told(told_once: Tiny, tmp_path: Path) -> Tiny:
    """The county of its own for each test."""
    return told_once.copied(tmp_path / "copy")
