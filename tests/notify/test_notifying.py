"""People are told what policy wants told: once, and whatever happens on the way."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from schemas.notify import Notify, Occasion
from tasks.notifying import send, tell
from tests.house.code import ROOT
from tests.notify.office import DESK, Receiver, made, notice, opened, receiving
from tests.store.tiny import MONDAY


@pytest.fixture
def folder(tmp_path: Path, migrated_file: Path) -> Path:
    return made(tmp_path / "office", migrated_file)


def _killed(folder: Path, receiver: Receiver, kills: int, *more: str) -> None:
    command = [sys.executable, "-m", "tests.notify.office"]
    subprocess.run([*command, str(folder), receiver.url, str(kills), *more], cwd=ROOT, check=True)


def test_an_occasion_is_told_once_however_often_it_is_noticed(folder: Path) -> None:
    with receiving() as desk:
        county = opened(folder, desk.url)
        for again in range(3):
            told = tell(county, [notice(1)], MONDAY + again)
        assert told == {}
        assert len(desk.sent) == 1
        (body,) = desk.effects.values()
    said = json.loads(body)
    assert said["title"] == "慈溪市：collect-1 运行失败"
    assert said["text"] == "来源无应答"
    assert said["key"] == desk.sent[0]


def test_what_a_desk_does_not_take_waits_and_is_told_next_time(folder: Path) -> None:
    with receiving(503) as desk:
        county = opened(folder, desk.url)
        (why,) = tell(county, [notice(1)], MONDAY).values()
        assert "answered 503" in why
        assert list(send(county, MONDAY + 1).values()) == [""]
        assert len(desk.effects) == 1


def test_a_channel_without_an_address_waits_and_says_which_section_to_add(folder: Path) -> None:
    (why,) = tell(opened(folder), [notice(1)], MONDAY).values()
    assert f"[notify.{DESK}]" in why


def test_a_chat_service_is_told_through_apprise_with_the_key_in_the_text(folder: Path) -> None:
    with receiving() as desk:
        gateway = desk.url.replace("http://", "json://")
        told = tell(opened(folder, gateway), [notice(1)], MONDAY)
        assert list(told.values()) == [""]
        (body,) = desk.effects.values()
    said = json.loads(body)
    assert said["title"] == "慈溪市：collect-1 运行失败"
    assert next(iter(told)) in said["message"]


def test_an_address_that_is_none_says_so_without_repeating_it(folder: Path) -> None:
    (why,) = tell(opened(folder, "nosuch://secret-token"), [notice(1)], MONDAY).values()
    assert "secret-token" not in why
    assert f"[notify.{DESK}]" in why


def test_policy_says_who_is_told_of_what(folder: Path) -> None:
    routes = [{"when": ["run_late"], "to": ["a", "b"]}, {"when": ["run_late"], "to": ["b", "c"]}]
    policy = Notify.model_validate({"routes": routes})
    assert policy.channels(Occasion.RUN_LATE) == ["a", "b", "c"]
    assert policy.channels(Occasion.RUN_FAILED) == []
    county = replace(opened(folder), notify=Notify())
    assert tell(county, [notice(1)], MONDAY) == {}


@pytest.mark.parametrize("kills", [4, pytest.param(50, marks=pytest.mark.nightly)])
def test_no_key_is_missing_and_each_has_one_effect_after_kills_on_the_way(
    folder: Path, kills: int
) -> None:
    with receiving() as desk:
        _killed(folder, desk, kills)
        assert len(desk.effects) == kills
        assert desk.most > 1, "nothing was sent twice, so nobody was killed after a send"


def test_the_kills_find_a_sender_that_marks_before_it_sends(folder: Path) -> None:
    with receiving() as desk:
        _killed(folder, desk, 4, "broken")
        assert len(desk.effects) < 4
