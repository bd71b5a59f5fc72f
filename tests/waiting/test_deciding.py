"""What waits is in the store, is decided by one door, and goes on from there."""

import re
from dataclasses import replace

import pytest

from schemas.period import DAY_MS, HOUR_MS
from schemas.vocabulary import ListingLevel, ListingStep
from tasks import pending as listed
from tasks.acting import act
from tasks.deciding import Decided, NothingWaits, Word, decide
from tasks.listing_file import propose
from tasks.objecting import file
from tasks.operators import NotProved
from tasks.pending import Asked, Waiting, pending
from tasks.publishing import publish
from tests.listing.conftest import ACTOR, COLLEAGUE, LEADER, OFFICE, Desk, Proposed
from tests.operators.people import enrolled
from tests.publishing.county import FIRST, week
from tests.store.tiny import MONDAY, Tiny, finding, hazard, life


def _only(tiny: Tiny, now: int) -> Waiting:
    (found,) = pending(tiny.county, now)
    return found


def _say(desk: Desk, word: Word, *, dry_run: bool = False) -> Decided:
    """A word with the code of whoever decides, a minute later."""
    desk.at += 60_000
    device = desk.leader if word.person == LEADER else desk.colleague
    coded = replace(word, code=device.shows(desk.at))
    return decide(desk.tiny.county, coded, desk.at, dry_run=dry_run)


# -- listings -------------------------------------------------------------------------------------


def test_a_proposed_listing_waits_and_is_numbered_by_the_leaders_word(proposed: Proposed) -> None:
    one = _only(proposed.tiny, proposed.at)
    assert (one.asked, one.name) == (Asked.LISTING, proposed.key)
    done = _say(proposed, Word(one.name, True, LEADER))
    assert done.ok
    assert re.fullmatch(r"330282-county-2025-\d{3}", done.number)
    assert pending(proposed.tiny.county, proposed.at) == []


def test_a_dry_run_uses_no_code_up_and_changes_nothing(proposed: Proposed) -> None:
    before = proposed.tiny.query("SELECT count(*) FROM event")
    one = _only(proposed.tiny, proposed.at)
    would = decide(proposed.tiny.county, Word(one.name, True, LEADER), proposed.at)
    assert (would.ok, would.dry_run, would.number != "") == (True, True, True)
    assert proposed.tiny.query("SELECT count(*) FROM event") == before
    assert _say(proposed, Word(one.name, True, LEADER)).number == would.number


def test_a_refused_listing_needs_a_reason_and_a_proof(proposed: Proposed) -> None:
    name = _only(proposed.tiny, proposed.at).name
    with pytest.raises(NothingWaits, match="reason"):
        _say(proposed, Word(name, False, LEADER))
    never = proposed.leader.never_shows(proposed.at)
    with pytest.raises(NotProved):
        word = Word(name, False, LEADER, never, "已整改")
        decide(proposed.tiny.county, word, proposed.at, dry_run=False)
    assert _say(proposed, Word(name, False, LEADER, reason="已整改")).ok
    assert proposed.tiny.query("SELECT state FROM listing") == [(2,)]


def test_a_listing_is_not_approved_by_an_operator_who_leads_nothing(proposed: Proposed) -> None:
    name = _only(proposed.tiny, proposed.at).name
    with pytest.raises(NotProved, match="leader"):
        _say(proposed, Word(name, True, COLLEAGUE))


def test_an_extension_of_a_listing_is_granted_to_the_day_that_was_asked_for(
    proposed: Proposed,
) -> None:
    number = proposed.approve(proposed.key)
    _, *steps = life("F1", MONDAY, to="started", due=MONDAY + 90 * DAY_MS)  # verified already
    proposed.tiny.bring(proposed.at, [], steps)
    due = proposed.tiny.query("SELECT due_at FROM listing")[0][0]
    later = due + 10 * DAY_MS
    asked = proposed.step(
        number,
        ListingStep.EXTENSION_ASKED,
        reason="配件未到",
        due_at=later,
        interim_control="专人值守",
    )
    assert asked.ok, asked
    one = _only(proposed.tiny, proposed.at)
    assert (one.asked, one.by, one.due_at) == (Asked.LISTING_EXTENSION, ACTOR, later)
    with pytest.raises(NotProved, match="acting person"):  # who asks does not decide
        decide(proposed.tiny.county, Word(number, True, ACTOR, "000000"), proposed.at)
    assert _say(proposed, Word(number, True, COLLEAGUE)).ok
    assert proposed.tiny.query("SELECT due_at FROM listing") == [(later,)]


def test_a_listing_whose_acceptance_passed_is_delisted_by_two_persons(proposed: Proposed) -> None:
    number = proposed.approve(proposed.key)
    _, *steps = life("F1", MONDAY, to="accepted")  # verified already
    proposed.at += 6 * HOUR_MS
    proposed.tiny.bring(proposed.at, [], steps)
    unit = proposed.tiny.query("SELECT unit_name FROM listing")[0][0]
    assert proposed.step(number, ListingStep.APPLIED, organisation=unit).ok
    passed = proposed.step(number, ListingStep.PASSED, organisation=OFFICE, evidence="现场照片")
    assert passed.ok, passed
    one = _only(proposed.tiny, proposed.at)
    assert one.asked is Asked.DELISTING
    with pytest.raises(NotProved, match="acting person"):
        _say(proposed, Word(number, True, COLLEAGUE))
    assert _say(proposed, Word(number, True, COLLEAGUE, actor=ACTOR)).ok
    assert proposed.tiny.query("SELECT level, delisted_at > 0 FROM listing") == [
        (int(ListingLevel.COUNTY), 1)
    ]


def test_nobody_approves_a_listing_that_they_proposed_themselves(desk: Desk) -> None:
    found = [finding("F1", severity="major")]
    desk.tiny.bring(MONDAY + 12 * HOUR_MS, found, list(life("F1", MONDAY, to="verified")))
    propose(
        desk.tiny.county, ["findings:F1"], ListingLevel.COUNTY, reason="久拖不决", actor=LEADER,
        now=desk.at,
    )  # fmt: skip
    one = _only(desk.tiny, desk.at)
    assert (one.asked, one.by, one.reason) == (Asked.LISTING, LEADER, "久拖不决")
    with pytest.raises(NotProved, match="acting person"):
        _say(desk, Word(one.name, True, LEADER))


def test_what_the_clock_asks_for_is_said_to_be_the_clocks(proposed: Proposed) -> None:
    (row,) = (
        listed.plain(proposed.tiny.county, one, proposed.at, "zh")
        for one in pending(proposed.tiny.county, proposed.at)
    )
    assert row["by"] == "督办"


# -- extensions of hazards ------------------------------------------------------------------------


def test_an_extension_of_a_hazard_waits_until_somebody_else_decides(desk: Desk) -> None:
    steps = life("F1", MONDAY, to="started", due=MONDAY + 20 * DAY_MS)
    desk.tiny.bring(MONDAY + 12 * HOUR_MS, [finding("F1")], list(steps))
    data = {"reason": "配件未到", "due_date": "2025-03-31", "interim_control": "专人值守"}
    asked = act(
        desk.tiny.county,
        "findings:F1",
        "extension_asked",
        data,
        desk.at,
        actor=ACTOR,
        dry_run=False,
    )
    assert asked.ok, asked
    one = _only(desk.tiny, desk.at)
    assert (one.asked, one.name, one.by) == (Asked.EXTENSION, hazard("F1"), ACTOR)
    assert "2025-03-31" in listed.said(desk.tiny.county, one, "zh")
    assert one.until == int(desk.tiny.present("F1")["due_at"])
    done = _say(desk, Word(one.name, True, COLLEAGUE))
    assert done.ok, done
    day = desk.tiny.county.days.day_of(int(desk.tiny.present("F1")["due_at"]) - 1)
    assert day.isoformat() == "2025-03-31"
    assert pending(desk.tiny.county, desk.at) == []


# -- editions and objections ----------------------------------------------------------------------


def test_a_draft_waits_for_the_leader_and_is_published_by_their_word(drafted: Tiny) -> None:
    device = enrolled(drafted.county, LEADER, MONDAY)
    one = _only(drafted, FIRST)
    assert (one.asked, one.name) == (Asked.EDITION, "weekly/2025-W10")
    assert decide(drafted.county, Word(one.name, True, LEADER), FIRST).edition is None
    word = Word(one.name, True, LEADER, device.shows(FIRST))
    done = decide(drafted.county, word, FIRST, dry_run=False)
    assert done.edition is not None
    assert (done.edition.edition, done.edition.state) == (1, "published")
    assert pending(drafted.county, FIRST) == []


def test_a_draft_that_is_refused_waits_no_longer(drafted: Tiny) -> None:
    device = enrolled(drafted.county, LEADER, MONDAY)
    word = Word("weekly/2025-W10", False, LEADER, device.shows(FIRST), "掌起镇数字待核")
    assert decide(drafted.county, word, FIRST, dry_run=False).ok
    assert pending(drafted.county, FIRST) == []
    assert publish(drafted.county, week(), FIRST + 60_000).state == "refused"


def test_an_objection_waits_with_its_clock_and_is_refused_with_a_reason(drafted: Tiny) -> None:
    device = enrolled(drafted.county, LEADER, MONDAY)
    word = Word("weekly/2025-W10", True, LEADER, device.shows(FIRST))
    decide(drafted.county, word, FIRST, dry_run=False)
    cell = "towns.330282104.found"
    at = FIRST + DAY_MS
    made = file(drafted.county, "2025-W10", cell, [], "照片 3 张", "掌起镇", at)
    one = _only(drafted, at)
    assert (one.asked, one.name, one.until) == (Asked.OBJECTION, made.objection_id, made.decide_by)
    assert not one.is_overdue(at)
    assert one.is_overdue(made.decide_by)
    told = replace(word, name=one.name, approve=False, reason="核实无误", code=device.shows(at))
    assert decide(drafted.county, told, at, dry_run=False).ok
    assert pending(drafted.county, at) == []


# -- whatever it is -------------------------------------------------------------------------------


def test_what_does_not_wait_is_refused_and_what_does_is_named(proposed: Proposed) -> None:
    with pytest.raises(NothingWaits) as refused:
        decide(proposed.tiny.county, Word("weekly/2025-W99", True, LEADER), proposed.at)
    for lang in ("zh", "en"):
        assert proposed.key in refused.value.said(lang)
        assert "weekly/2025-W99" in refused.value.said(lang)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page_says_what_waits_for_whom_in_words(proposed: Proposed, lang: str) -> None:
    path = listed.write(proposed.tiny.county, proposed.at, lang)
    page = path.read_text("utf-8")
    assert path == proposed.tiny.county.home / "pages" / "pending.html"
    assert proposed.key in page
    assert ("负责人" if lang == "zh" else "leader") in page
    assert "<script" not in page
