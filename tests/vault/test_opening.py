"""Opening: by the custodian's key, with purpose and a second person, leaving exactly one event."""

import hashlib
import json
import logging
import sqlite3
from typing import Any

import pytest

from tasks import vaulting
from tasks.auditing import audit
from tasks.operators import NotProved
from tasks.store import ledger
from tasks.store.engine import reading
from tasks.store.vault import VaultError, generate_keypair
from tasks.store.vault_keys import key_id, public_of
from tasks.vaulting import Order, VaultRefused, change_key, open_reporter
from tests.operators.people import ACTOR, LI, NOW
from tests.postgresql.ways import refusing
from tests.store.tiny import faster
from tests.vault.reported import NAME, PHONE, PURPOSE, Reported, reported


def opened(office: Reported, token: str, order: Order | None = None, **more: Any) -> Any:
    key = more.pop("key", office.private)
    return open_reporter(office.county, token, key, order or office.order(), NOW, **more)


def test_what_is_collected_is_committed_in_the_ledger_before_its_rows(office: Reported) -> None:
    report = office.report(reported("F1"), reported("F2", reporter="", phone=""))
    (token,) = office.tokens()
    ((stream, kind, actor, payload),) = office.said()
    assert (stream, kind, actor) == (f"vault:{token}", "reporter_sealed", "findings")
    said = json.loads(payload)
    assert said["key"] == key_id(public_of(office.private))
    assert len(said["commitment"]) == 64
    first = office.tiny.query("SELECT min(seq) FROM event WHERE record = 'finding'")[0][0]
    sealed = office.tiny.query("SELECT seq FROM event WHERE stream_kind = 'vault'")[0][0]
    assert sealed < first
    assert report.appended == 4  # the commitment, two findings, the submission
    assert office.report(reported("F1"), at=2).appended == 0
    assert audit(office.county).findings == []


def test_the_custodian_reads_the_reporter_and_the_text_and_the_commitment_holds(
    office: Reported,
) -> None:
    office.report(reported("F1", description=f"我是{NAME}，通道被堵"))
    (token,) = office.tokens("F1")
    found = opened(office, token)
    fields = {"description": f"我是{NAME}，通道被堵", "category": "消防通道"}
    fields |= {"phone": PHONE, "reporter": NAME}
    assert dict(found.fields) == fields
    assert (found.source, found.commitment) == ("findings", "matches")
    assert NAME not in repr(found)


def test_an_opening_leaves_one_event_that_says_who_why_and_who_approved(told: Reported) -> None:
    (token,) = told.tokens()
    opened(told, token)
    kinds = [kind for _, kind, _, _ in told.said(token)]
    assert kinds == ["reporter_sealed", "reporter_opened"]
    *_, actor, payload = told.said(token)[-1]
    said = json.loads(payload)
    enrolment = said.pop("enrolment")
    assert (actor, said) == (
        ACTOR,
        {"approver": LI, "commitment": "matches", "purpose": PURPOSE},
    )
    assert told.tiny.query(f"SELECT kind FROM event WHERE seq = {enrolment}") == [
        ("operator_enrolled",)
    ]
    opened(told, token, told.order(step=1))
    assert [kind for _, kind, _, _ in told.said(token)][-2:] == ["reporter_opened"] * 2
    assert audit(told.county).findings == []


def test_an_opening_that_another_writer_overtakes_leaves_one_event_too(told: Reported) -> None:
    (token,) = told.tokens()
    with faster(told.tiny, 2) as overtaken:  # the first is the code being used up
        assert opened(told, token).commitment == "matches"
    assert overtaken
    assert [kind for _, kind, _, _ in told.said(token)].count("reporter_opened") == 1


def test_where_the_event_cannot_be_written_nothing_is_shown(
    told: Reported, monkeypatch: pytest.MonkeyPatch
) -> None:
    (token,) = told.tokens()
    told.tiny.execute(*refusing("INSERT", "event"))
    with pytest.raises(Exception, match="Integrity") as caught:
        opened(told, token)
    assert NAME not in str(caught.value)
    assert [kind for _, kind, _, _ in told.said(token)] == ["reporter_sealed"]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"reason": " "}, "no_reason"),
        ({"reason": "x" * 501}, "no_reason"),
        ({"reason": f"核实{NAME}的举报"}, "names_reporter"),
        ({"reason": f"回访 {PHONE[:3]} {PHONE[3:]}"}, "holds_number"),
        ({"reason": "回访 138 1234 5678"}, "holds_number"),
        ({"approver": ACTOR}, "same_person"),
        ({"approver": f" {ACTOR} "}, "same_person"),
        ({"approver": "无此人"}, "unknown"),
        ({"approver": ""}, "unknown"),
        ({"actor": ""}, "no_actor"),
        ({"code": ""}, "malformed"),
        ({"code": "000000"}, "wrong"),
    ],
)
def test_without_a_purpose_or_another_person_it_stays_shut(
    told: Reported, change: dict[str, str], reason: str
) -> None:
    (token,) = told.tokens()
    with pytest.raises((VaultRefused, NotProved)) as caught:
        opened(told, token, Order(**vars(told.order()) | change))
    assert caught.value.reason == reason
    for lang in ("zh", "en"):
        assert NAME not in caught.value.said(lang) and PHONE not in caught.value.said(lang)
    assert [kind for _, kind, _, _ in told.said(token)] == ["reporter_sealed"]


def test_another_key_opens_nothing_and_leaves_no_event_and_no_code_is_used_up(
    told: Reported,
) -> None:
    (token,) = told.tokens()
    order = told.order()
    with pytest.raises(VaultError, match="sealed for key"):
        opened(told, token, order, key=generate_keypair().private)
    with pytest.raises(VaultError, match="nothing is sealed"):
        opened(told, "00" * 16, order)
    assert len(told.said()) == 1
    assert opened(told, token, order).commitment == "matches"


def test_a_clear_text_that_is_not_what_was_committed_to_is_said_so(told: Reported) -> None:
    (token,) = told.tokens()
    row = told.county.vault.rows()[0]
    forged = told.county.vault
    other = forged.seal([_request(reporter="另一个人")])[0]
    _swap(told, token, other)
    found = opened(told, token)
    assert found.commitment == "differs"
    assert json.loads(told.said(token)[-1][3])["commitment"] == "differs"
    assert row.commitment != told.county.vault.rows()[0].commitment
    assert "another commitment" in audit(told.county).findings[0]["problem"]


def _request(reporter: str) -> Any:
    from tasks.store.vault import SealRequest

    text = json.dumps([["reporter", reporter]]).encode()
    return SealRequest("findings", b"forged", text, b"forged")


def _swap(office: Reported, token: str, other: str) -> None:
    """What somebody can do who can write the vault's file: seal anew under the old token."""
    from tasks.store.vault_keys import sealed

    public = public_of(office.private)
    text = json.dumps([["reporter", "另一个人"]]).encode()
    box = sealed(text, "findings", token, public)
    with sqlite3.connect(office.county.vault.folder / "vault.sqlite") as database:
        database.execute(
            "UPDATE sealed SET (ephemeral, nonce, ciphertext, commitment, key_id) ="
            " (?, ?, ?, ?, ?) WHERE token = ?",
            (*box.columns(), token),
        )
        database.execute("DELETE FROM sealed WHERE token = ?", (other,))
    database.close()


def test_the_commitment_cannot_be_guessed_without_opening(told: Reported) -> None:
    (row,) = told.county.vault.rows()
    guess = json.dumps([["phone", PHONE], ["reporter", NAME]], separators=(",", ":"))
    folder = told.county.vault.folder
    kept = b"".join(p.read_bytes() for p in folder.iterdir())
    assert hashlib.sha256(guess.encode()).hexdigest() != row.commitment
    windows = {kept[i : i + 32] for i in range(len(kept))}
    salted = {hashlib.sha256(w + guess.encode()).hexdigest() for w in windows}
    assert row.commitment not in salted, "the salt lies nowhere in the clear"


def test_nothing_of_an_opening_is_logged(
    office: Reported, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    office.report(reported("F1"))
    opened(office, office.tokens()[0])
    assert NAME not in caplog.text and PHONE not in caplog.text


def test_another_key_seals_from_then_on_and_the_old_one_opens_what_it_sealed(
    told: Reported,
) -> None:
    keys = generate_keypair()
    order = told.order(reason="保管人换人")
    assert change_key(told.county, keys.public, order, NOW) == key_id(keys.public)
    told.report(reported("F2"), at=2)
    (old,), (new,) = told.tokens("F1"), told.tokens("F2")
    assert opened(told, old, told.order(step=1)).commitment == "matches"
    with pytest.raises(VaultError, match="sealed for key"):
        opened(told, new, told.order(step=1))
    later = NOW + 60_000
    assert open_reporter(told.county, new, keys.private, told.order(step=2), later)
    status = vaulting.status(told.county, NOW)
    assert (status.key, sorted(status.by_key.values())) == (key_id(keys.public), [1, 1])
    assert ("vault:key", "custodian_key_changed") in [row[:2] for row in told.said()]
    assert audit(told.county).findings == []
    with pytest.raises(VaultRefused, match="copy it whole"):
        change_key(told.county, keys.public[:-1], order, NOW)


def test_the_same_act_on_both_databases(office: Reported, postgres_url: str) -> None:
    """PostgreSQL takes the same events; the vault stays a file of the home."""
    from dataclasses import replace

    from tasks.store.engine import open_engine
    from tasks.store.schema import upgrade
    from tests.operators.people import enrolled

    engine = open_engine(postgres_url)
    upgrade(engine)
    there = replace(office.county, engine=engine)
    moved = Reported(replace(office.tiny, county=there), office.private, enrolled(there, LI))
    moved.report(reported("F1"))
    (token,) = moved.tokens()
    assert opened(moved, token).commitment == "matches"
    with reading(engine) as connection:
        assert ledger.read_head(connection, there.code).seq == 5
    assert audit(there).findings == []
    engine.dispose()
