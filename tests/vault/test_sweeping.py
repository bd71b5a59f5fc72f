"""Orphans: sealed rows that neither ledger nor landing names are found and removed."""

import shutil

import pytest

from schemas.period import DAY_MS, HOUR_MS
from tasks import vaulting
from tasks.auditing import audit
from tasks.intake import collect
from tasks.intake.reconciling import reconcile
from tasks.store.vault import SealRequest
from tasks.vaulting import open_reporter, orphans, sweep
from tests.operators.people import NOW
from tests.vault.reported import Reported, drop, reported

LATER = NOW + 31 * DAY_MS


def orphaned(office: Reported, at: int = NOW) -> str:
    """A sealed row whose delivery was never landed: a crash between the two."""
    request = SealRequest("findings", b"row", b'[["reporter","x"]]', b"number", at)
    return office.county.vault.seal([request])[0]


def test_what_the_ledger_names_is_no_orphan(office: Reported) -> None:
    office.report(reported("F1"))
    assert orphans(office.county, LATER) == []
    assert sweep(office.county, LATER) == []
    assert len(office.tokens()) == 1


def test_an_orphan_is_found_after_its_days_and_removed(office: Reported) -> None:
    office.report(reported("F1"))
    token = orphaned(office)
    assert orphans(office.county, NOW + 29 * DAY_MS) == []
    assert [row.token for row in orphans(office.county, NOW + 29 * DAY_MS, 7)] == [token]
    assert vaulting.status(office.county, LATER).orphans == 1
    assert [row.token for row in orphans(office.county, LATER)] == [token]
    assert token in office.tokens(), "looking removes nothing"
    assert [row.token for row in sweep(office.county, LATER)] == [token]
    assert token not in office.tokens()
    assert audit(office.county).findings == []


def test_a_delivery_that_was_landed_and_not_taken_yet_keeps_its_reporters(
    office: Reported, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as crash:
        crash.setattr(collect, "commit", _killed)
        with pytest.raises(KeyboardInterrupt):
            office.report(reported("F1"))
    (token,) = office.tokens()
    assert office.said() == []
    assert orphans(office.county, LATER) == []
    office.report(reported("F2"), at=2)
    assert [row[:2] for row in office.said(token)] == [(f"vault:{token}", "reporter_sealed")]
    found = open_reporter(office.county, token, office.private, office.order(), NOW)
    assert found.commitment == "matches"


def _killed(*_: object, **_more: object) -> None:
    raise KeyboardInterrupt


def test_a_crash_between_commitment_and_rows_appends_the_rows_and_no_second_commitment(
    office: Reported, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as crash:
        crash.setattr(collect, "take", _killed)
        with pytest.raises(KeyboardInterrupt):
            office.report(reported("F1"))
    assert len(office.said()) == 1
    drop(office.tiny, reported("F2"))
    report = office.tiny.collect("findings", NOW + 2 * HOUR_MS)
    assert report.taken == 2
    assert len(office.said()) == 2
    assert audit(office.county).findings == []


def test_what_a_comparison_sealed_on_the_way_is_swept(office: Reported) -> None:
    drop(office.tiny, reported("F1"))
    assert len(reconcile(office.county, "findings", NOW).missing) == 1
    (token,) = office.tokens()
    assert [row.token for row in orphans(office.county, LATER)] == [token]
    assert len(sweep(office.county, LATER)) == 1
    office.report(reported("F2"), at=2)
    assert len(office.tokens()) == 2, "it is sealed anew when it is landed"
    assert orphans(office.county, LATER) == []


def test_a_token_that_a_sender_writes_is_committed_to_nothing(office: Reported) -> None:
    office.report(reported("F1", reporter="sealed:" + "0" * 32))
    assert [row[0] for row in office.said()] == [f"vault:{token}" for token in office.tokens()]


def test_landing_that_is_cleared_makes_no_orphans_of_what_the_ledger_has(office: Reported) -> None:
    office.report(reported("F1"))
    shutil.rmtree(office.county.landing)
    assert orphans(office.county, LATER) == []
