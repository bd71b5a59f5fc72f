"""Enrolling and retiring: events without secrets, a key of the home, the old secret dead."""

import base64
import json
import logging
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlparse

import pyotp
import pytest

from schemas.vocabulary import OperatorRole
from tasks.auditing import audit
from tasks.county import County
from tasks.enrolling import enrol, retire
from tasks.operators import operators, unreadable
from tasks.store.engine import reading
from tasks.store.operator_key import KEY_FILE, SecretUnreadable, open_to_others, seal, unseal
from tests.operators.people import (
    ACTOR,
    LI,
    NOW,
    OFFICE,
    ZHAO,
    Device,
    asked,
    change,
    enrolled,
    later,
    outcome,
    refused,
    sealed,
)
from tests.postgresql.ways import refusing
from tests.store.tiny import Tiny, faster

LEADER = OperatorRole.LEADER


def events(county: County) -> list[tuple[str, str, str, str, dict[str, str]]]:
    """stream, version, kind, actor, payload, in order."""
    query = "SELECT stream_id, version, kind, actor, payload FROM event ORDER BY seq"
    with reading(county.engine) as connection:
        rows = connection.exec_driver_sql(query).all()
    return [(*row[:4], json.loads(row[4])) for row in rows]


def test_an_enrolment_is_an_event_that_says_who_and_by_whom_and_no_secret(county: County) -> None:
    enrol(county, " 李 虚构 ", " 虚构市（安委办） ", LEADER, ACTOR, NOW)
    said = {"name": "李 虚构", "organisation": "虚构市（安委办）", "role": "leader"}
    assert events(county) == [("operator:李 虚构", 1, "operator_enrolled", ACTOR, said)]


def test_what_the_device_is_given_is_what_the_standard_link_holds(county: County) -> None:
    made = enrol(county, LI, OFFICE, LEADER, ACTOR, NOW)
    uri = urlparse(made.uri)
    assert (uri.scheme, uri.netloc) == ("otpauth", "totp")
    assert unquote(uri.path).endswith(f":{LI}")
    assert county.organisation.name.zh in unquote(uri.path)
    assert parse_qs(uri.query)["secret"] == [made.secret]
    assert len(base64.b32decode(made.secret)) == 20
    assert pyotp.parse_uri(made.uri).secret == made.secret


def test_no_secret_is_in_the_ledger_the_store_the_log_or_anything_else_of_the_home(
    tiny: Tiny, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    county = tiny.county
    made = enrol(county, LI, OFFICE, LEADER, ACTOR, NOW)
    device = Device(LI, made.secret)
    outcomes = [outcome(county, code) for code in (device.shows(), *[device.never_shows()] * 5)]
    assert set(outcomes) == {"proved", "wrong", "locked"}
    county.engine.dispose()
    raw = base64.b32decode(made.secret)
    forms = {made.secret.encode(), made.secret.lower().encode(), raw, raw.hex().encode(),
             base64.b64encode(raw), made.uri.encode()}  # fmt: skip
    files = [path for path in county.home.rglob("*") if path.is_file()]
    assert {path.name for path in files} >= {"bihuan.sqlite", KEY_FILE}
    for path in files:
        content = path.read_bytes()
        assert [form for form in forms if form in content] == [], path
    assert made.secret not in caplog.text + repr(made) + repr(operators(county))


@pytest.mark.sqlite  # no other keeps it in a file of the home
def test_the_search_for_secrets_would_find_one(tiny: Tiny) -> None:
    made = enrol(tiny.county, LI, OFFICE, LEADER, ACTOR, NOW)
    change(tiny.county, LI, organisation=made.secret)
    tiny.county.engine.dispose()
    assert made.secret.encode() in (tiny.county.home / "bihuan.sqlite").read_bytes()


def test_nothing_that_is_listed_has_a_secret(county: County, li: Device) -> None:
    (listed,) = operators(county)
    assert sealed(county, LI) not in repr(vars(listed))
    assert set(vars(listed)) == {
        *("name", "organisation", "role", "enrolled_at", "retired_at", "seq", "locked_until")
    }


def test_enrolling_again_ends_the_old_secret_and_is_an_event(county: County, li: Device) -> None:
    asked(county, li.shows())
    new = enrol(county, "李 虚构", "虚构市应急局", OperatorRole.CUSTODIAN, ACTOR, later(1))
    assert (new.name, new.is_again) == (LI, True)
    assert outcome(county, li.shows(later(1)), later(1)) == "wrong"
    proved = asked(county, Device(LI, new.secret).shows(later(1)), later(1))
    assert (proved.organisation, proved.role, proved.enrolment) == ("虚构市应急局", "custodian", 2)
    assert [e[:3] for e in events(county)] == [
        (f"operator:{LI}", 1, "operator_enrolled"),
        (f"operator:{LI}", 2, "operator_enrolled"),
    ]


def test_a_new_secret_begins_with_no_wrong_tries_and_unlocked(county: County, li: Device) -> None:
    for _ in range(5):
        outcome(county, li.never_shows())
    assert outcome(county, enrolled(county, LI).shows()) == "proved"


def test_an_old_secret_put_back_by_hand_does_not_open(county: County, li: Device) -> None:
    old = sealed(county, LI)
    enrolled(county, LI, now=later(1))
    change(county, LI, secret=old)
    with refused("sealed", LI, KEY_FILE):
        asked(county, li.shows(later(1)), later(1))


def test_a_secret_put_into_anothers_row_does_not_open(county: County, li: Device) -> None:
    zhao = enrolled(county, ZHAO)
    change(county, ZHAO, secret=sealed(county, LI))
    for device in (li, zhao):
        with refused("sealed", ZHAO):
            asked(county, device.shows(), second=ZHAO)
    assert unreadable(county) == [ZHAO]


def test_retiring_is_an_event_and_forgets_the_secret(county: County, li: Device) -> None:
    retired = retire(county, "李 虚构", " 调离 ", ZHAO, later(5))
    assert (retired.name, retired.retired_at, retired.seq) == (LI, later(5), 2)
    said = {"name": LI, "reason": "调离"}
    assert events(county)[1] == (f"operator:{LI}", 2, "operator_retired", ZHAO, said)
    assert sealed(county, LI) == ""
    assert unreadable(county) == []
    with refused("retired", LI):
        retire(county, LI, "调离", ZHAO, later(6))
    with refused("unknown", ZHAO):
        retire(county, ZHAO, "调离", ACTOR, later(6))
    assert len(events(county)) == 2


def test_who_was_retired_can_come_back(county: County, li: Device) -> None:
    retire(county, LI, "调离", ACTOR, NOW)
    assert outcome(county, enrolled(county, LI).shows()) == "proved"


@pytest.mark.parametrize("name", ["", " ", "\u200b", "李\x00", "李\u202e虚构", "李" * 101])
def test_a_name_that_cannot_be_read_is_not_enrolled(county: County, name: str) -> None:
    with refused("bad_name", "100"):
        enrol(county, name, OFFICE, LEADER, ACTOR, NOW)
    assert (events(county), operators(county)) == ([], [])


def test_an_organisation_an_actor_and_a_reason_must_be_said(county: County, li: Device) -> None:
    with refused("bad_organisation", "200"):
        enrol(county, ZHAO, "\n", LEADER, ACTOR, NOW)
    with refused("bad_organisation", "200"):
        enrol(county, ZHAO, "虚" * 201, LEADER, ACTOR, NOW)
    with refused("no_actor"):
        enrol(county, ZHAO, OFFICE, LEADER, " ", NOW)
    with refused("bad_reason", "500"):
        retire(county, LI, " ", ACTOR, NOW)
    with refused("no_actor"):
        retire(county, LI, "调离", "", NOW)
    assert len(events(county)) == 1


def test_the_longest_names_fit(county: County) -> None:
    device = enrolled(county, "李" * 100)
    made = enrol(county, ZHAO, "虚" * 200, LEADER, "张" * 120, NOW)
    retire(county, made.name, "理" * 500, "张" * 120, NOW)
    assert asked(county, device.shows(), second="李" * 100).name == "李" * 100


def test_the_key_is_its_owners_alone_whatever_the_umask(tiny: Tiny) -> None:
    before = os.umask(0)
    try:
        enrolled(tiny.county, LI)
    finally:
        os.umask(before)
    key = tiny.county.home / KEY_FILE
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert open_to_others(tiny.county.home) == ""
    assert [p.name for p in tiny.county.home.iterdir() if KEY_FILE in p.name] == [KEY_FILE]
    key.chmod(0o640)
    assert open_to_others(tiny.county.home) == "0640"


def test_the_key_is_made_once(tiny: Tiny) -> None:
    enrolled(tiny.county, LI)
    key = (tiny.county.home / KEY_FILE).read_bytes()
    enrolled(tiny.county, ZHAO)
    assert (tiny.county.home / KEY_FILE).read_bytes() == key


def test_of_many_who_make_the_key_at_once_one_does_and_all_can_open(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        texts = list(pool.map(lambda n: seal(tmp_path, f"secret {n}", n), range(40)))
    assert [unseal(tmp_path, text, n) for n, text in enumerate(texts)] == [
        f"secret {n}" for n in range(40)
    ]
    assert [p.name for p in tmp_path.iterdir()] == [KEY_FILE]


@pytest.mark.parametrize("content", ["", "zz", "00" * 31, "00" * 32])
def test_a_damaged_or_another_key_is_said_and_opens_nothing(tmp_path: Path, content: str) -> None:
    text = seal(tmp_path, "secret", "a")
    key = tmp_path / KEY_FILE
    key.write_text(content)
    with pytest.raises(SecretUnreadable, match=KEY_FILE):
        unseal(tmp_path, text, "a")
    key.unlink()
    with pytest.raises(SecretUnreadable, match="missing"):
        unseal(tmp_path, text, "a")


def test_the_same_secret_is_sealed_otherwise_each_time(tmp_path: Path) -> None:
    assert seal(tmp_path, "secret", "a") != seal(tmp_path, "secret", "a")


def test_a_lost_key_is_said_and_enrolling_again_mends_it(county: County, li: Device) -> None:
    enrolled(county, ZHAO)
    (county.home / KEY_FILE).unlink()
    with refused("sealed", LI, str(county.home / KEY_FILE)):
        asked(county, li.shows())
    assert outcome(county, enrolled(county, LI).shows()) == "proved"
    assert unreadable(county) == [ZHAO]


def test_another_writer_who_is_faster_does_no_harm(tiny: Tiny) -> None:
    with faster(tiny, 1) as done:
        device = enrolled(tiny.county, LI)
    with faster(tiny, 1) as also_done:
        retire(tiny.county, LI, "调离", ACTOR, NOW)
    assert (done, also_done) == ([1], [1])
    assert [e[2] for e in events(tiny.county) if e[0].startswith("operator:")] == [
        "operator_enrolled",
        "operator_retired",
    ]
    assert audit(tiny.county).findings == []
    assert outcome(tiny.county, device.shows()) == "retired"


@pytest.mark.parametrize("action", ["INSERT", "UPDATE"])
def test_event_and_row_are_written_together_or_not_at_all(tiny: Tiny, action: str) -> None:
    if action == "UPDATE":
        enrolled(tiny.county, LI)
    before = events(tiny.county), operators(tiny.county)
    tiny.execute(*refusing(action, "operator"))
    with pytest.raises(Exception, match="full"):
        enrolled(tiny.county, LI, now=NOW)
    assert (events(tiny.county), operators(tiny.county)) == before


def test_counties_that_share_a_database_do_not_share_operators(county: County, li: Device) -> None:
    other = county.organisation.model_copy(update={"code": "330281"})
    elsewhere = replace(county, organisation=other)
    assert operators(elsewhere) == []
    assert outcome(elsewhere, li.shows()) == "unknown"
    theirs = enrolled(elsewhere, LI)
    assert outcome(county, theirs.shows()) == "wrong"
    assert outcome(county, li.shows()) == "proved"
    assert outcome(elsewhere, theirs.shows()) == "proved"
