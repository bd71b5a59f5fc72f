"""What other systems of this kind are known to get wrong, each held here."""

from pathlib import Path

import pytest
import yaml

from schemas.period import DAY_MS, HOUR_MS
from schemas.vocabulary import State
from tasks.auditing import audit
from tests.store.tiny import MONDAY, Tiny, finding, life, update

NOW = MONDAY + 3 * DAY_MS
OPEN = "state IN (1, 2, 3, 4, 5)"
PRESENT = "seq_to > 4000000000000000000 AND claimed_to > 4000000000000000000"


def states(tiny: Tiny) -> list[tuple[str, int]]:
    return sorted(tiny.query(f"SELECT root_id, state FROM hazard_span WHERE {PRESENT}"))


@pytest.fixture
def known(tiny: Tiny) -> Tiny:
    """F1 to F4, from registered to under way."""
    updates = [
        u for n, to in (("F2", "verified"), ("F3", "assigned"), ("F4", "started"))
        for u in life(n, MONDAY, to=to)
    ]  # fmt: skip
    tiny.bring(NOW, [finding(f"F{n}") for n in range(1, 5)], updates)
    return tiny


def test_importing_the_same_again_closes_nothing_and_appends_nothing(known: Tiny) -> None:
    before, size = states(known), known.query("SELECT seq FROM ledger_head")
    for path in sorted(known.folder("findings").iterdir()):
        (path.parent / f"9-{path.name}").write_bytes(path.read_bytes())
    report = known.collect("findings", NOW + HOUR_MS)
    assert (report.problem, report.appended) == ("", 0)
    assert states(known) == before
    assert known.query("SELECT seq FROM ledger_head") == size


def test_a_feed_without_a_hazard_that_it_told_before_closes_nothing(known: Tiny) -> None:
    known.drop("findings", finding("F1", sent_at=finding("F1", NOW)["found_at"]))
    known.collect("findings", NOW + DAY_MS)
    assert [s for _, s in states(known)].count(State.CLOSED) == 0
    assert len(states(known)) == 4


def test_an_empty_file_closes_nothing(known: Tiny) -> None:
    before = states(known)
    known.drop("findings", name="050-findings.csv")
    known.drop("updates", name="050-updates.csv")
    (known.folder("findings") / "060-findings.csv").write_bytes(b"")
    for source in ("findings", "updates"):
        known.collect(source, NOW + DAY_MS)
    assert states(known) == before


def test_no_hazard_has_two_states_at_once_whatever_it_is_told(known: Tiny) -> None:
    """Contradictions are facts that do not apply, with a reason; the state stays one."""
    at = NOW - HOUR_MS
    told = [
        update("F4", "closed", at),
        update("F4", "rejected", at, reason="不属实"),
        update("F4", "reopened", at, reason="反弹"),
        update("F4", "acceptance_passed", at),
        update("F4", "merged", at, target="x"),
        update("F4", "transferred", at, target="y"),
    ]
    known.bring(NOW, [], told)
    assert len(states(known)) == len({root for root, _ in states(known)}) == 4
    overlaps = known.query(
        "SELECT a.root_id FROM hazard_span a JOIN hazard_span b ON a.root_id = b.root_id"
        " AND a.ordinal < b.ordinal AND a.claimed_to > b.claimed_from"
        " WHERE a.seq_to > 4000000000000000000 AND b.seq_to > 4000000000000000000"
    )
    assert overlaps == []
    assert audit(known.county).ok


def test_an_overdue_hazard_never_leaves_the_open_list(known: Tiny) -> None:
    far = MONDAY + 400 * DAY_MS
    known.bring(far, [finding("F9", far - DAY_MS)], [])
    rows = known.query(f"SELECT root_id FROM hazard_span WHERE {PRESENT} AND {OPEN} AND due_at > 0")
    overdue = known.query(
        f"SELECT root_id FROM hazard_span WHERE {PRESENT} AND {OPEN} AND due_at BETWEEN 1 AND {far}"
    )
    assert len(rows) == len(overdue) == 2  # F3 and F4, a year past their date


def test_a_new_policy_rewrites_no_history(known: Tiny) -> None:
    """The same extension, asked with 16 days' notice, holds when the policy later asks for 40."""
    asked = MONDAY + 2 * DAY_MS
    extended = update(
        "F4", "extended", asked, reason="设备未到货", second_person="复核员孙虚构",
        due_date="2025-06-10", interim_control="专人值守", organisation="虚构市安委办",
    )  # fmt: skip
    listed = update("F4", "listed", asked - HOUR_MS, listing_number="N-1", listing_level="county")
    moved = update(
        "F4", "moved", asked - 2 * HOUR_MS, town_code="330282108", second_person="复核员孙虚构",
        due_date="2025-04-15",
    )  # fmt: skip
    known.bring(NOW, [], [moved, listed, extended])
    due = known.present("F4")["due_at"]
    path = Path(known.county.settings.config_dir or "") / known.county.settings.county
    policy = yaml.safe_load((path / "policy.yaml").read_text("utf-8"))
    policy["extension"]["listed_notice_working_days"] = 40
    policy["deadlines"] = {"general_days": 1, "major_days": 1}
    (path / "policy.yaml").write_text(yaml.safe_dump(policy, allow_unicode=True), "utf-8")
    again = Tiny.opened(known.county.home.parent)
    assert audit(again.county).ok
    again.bring(NOW + DAY_MS, [], [update("F4", "elements_filed", NOW, goal="消除")])
    assert again.present("F4")["due_at"] == due
    assert audit(again.county).ok
