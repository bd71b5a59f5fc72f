"""Why a fact is refused, whatever else it may still bring: the domain's section 3, plainly.

Part of the oracle: shares no table, mask or function with the pipeline's rules. All reasons that
hold are given; which of them is spoken first is not the domain's business.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from tests.rules.oracle_says import day_of, told, working_days
from tests.rules.oracle_story import Row

if TYPE_CHECKING:
    from tests.rules.oracle import Hazard

NOTICE = 15  # working days before expiry at which a listed hazard's extension is asked for
REVIEW = 10  # days after the application within which resuming production is reviewed
LEVELS = {"county": 1, "city": 2, "province": 3}


def refusals(hazard: "Hazard", fact: Row) -> set[str]:
    """Every reason against this fact at the hazard's present."""
    speaks = globals().get("_" + fact["kind"])
    return set(speaks(hazard, fact)) if speaks else set()


def _acceptance_passed(hazard: "Hazard", fact: Row) -> Iterator[str]:
    if _is_own_acceptance(hazard, fact):
        yield "accepted_by_rectifier"
    if _same(fact.get("person"), hazard.requester):
        yield "accepted_by_requester"
    if fact.get("implied") and (hazard.is_major() or hazard.about["channel"] == "public_report"):
        yield "implied_acceptance"


def _is_own_acceptance(hazard: "Hazard", fact: Row) -> bool:
    if not _of_the_rectifier(hazard, fact):
        return False
    first, second = hazard.submitter, fact.get("person")
    by_a_second = bool(first and second and first != second)
    is_self_check = hazard.about["channel"] == "self_check"
    return hazard.is_major() or not is_self_check or not by_a_second


def _extension_asked(hazard: "Hazard", fact: Row) -> Iterator[str]:
    yield from _too_late(hazard, fact)
    if hazard.application:
        yield "already_asked"


def _extended(hazard: "Hazard", fact: Row) -> Iterator[str]:
    yield from _too_late(hazard, fact)
    yield from _decided_by_the_asking_side(hazard, fact)


def _extension_refused(hazard: "Hazard", fact: Row) -> Iterator[str]:
    if not hazard.application:
        yield "nothing_asked"
    yield from _decided_by_the_asking_side(hazard, fact)


def _too_late(hazard: "Hazard", fact: Row) -> Iterator[str]:
    due = hazard.dates["due"]
    if hazard.now >= due:
        yield "extension_after_expiry"
    notice = fact["policy_days"] if told(fact, "policy_days") else NOTICE
    if hazard.level and due and working_days(_asked_at(hazard, fact), due) < notice:
        yield "extension_asked_too_late"


def _asked_at(hazard: "Hazard", fact: Row) -> Any:
    """As the fact says, else as its application says, else when that was, else when this was."""
    application = hazard.application or fact
    said = fact.get("asked_at") or application.get("asked_at")
    return said or application["claimed_at"]


def _decided_by_the_asking_side(hazard: "Hazard", fact: Row) -> Iterator[str]:
    asker = (hazard.application or {}).get("person") or fact.get("person")
    if _same(fact.get("second_person"), asker):
        yield "same_person"
    if _same(fact.get("organisation"), hazard.responsible):
        yield "decided_by_rectifier"


def _moved(hazard: "Hazard", fact: Row) -> Iterator[str]:
    if _same(fact.get("second_person"), fact.get("person")):
        yield "same_person"


def _severity_changed(hazard: "Hazard", fact: Row) -> Iterator[str]:
    yield from _moved(hazard, fact)
    if fact.get("severity") == hazard.about["severity"]:
        yield "same_severity"


def _listed(hazard: "Hazard", fact: Row) -> Iterator[str]:
    if told(fact, "listing_level") and LEVELS[fact["listing_level"]] < hazard.level:
        yield "listed_higher"


def _delisted(hazard: "Hazard", fact: Row) -> Iterator[str]:
    if not hazard.level:
        yield "not_listed"
    if told(fact, "listing_level") and LEVELS[fact["listing_level"]] != hazard.level:
        yield "delisted_by_other_level"


def _suspended(hazard: "Hazard", fact: Row) -> Iterator[str]:
    yield from _moved(hazard, fact)
    if "suspended" in hazard.marks:
        yield "already_suspended"


def _continued(hazard: "Hazard", fact: Row) -> Iterator[str]:
    yield from _moved(hazard, fact)
    if "suspended" not in hazard.marks:
        yield "not_suspended"


def _production_stopped(hazard: "Hazard", fact: Row) -> Iterator[str]:
    if "production_stopped" in hazard.marks:
        yield "already_stopped"


def _resumption_asked(hazard: "Hazard", fact: Row) -> Iterator[str]:
    if "production_stopped" not in hazard.marks:
        yield "not_stopped"


def _production_resumed(hazard: "Hazard", fact: Row) -> Iterator[str]:
    """The regulator reviews on site, by 24:00 of the last of the days after the application."""
    yield from _resumption_asked(hazard, fact)
    if _of_the_rectifier(hazard, fact):
        yield "reviewed_by_rectifier"
    term = timedelta(fact["policy_days"] if told(fact, "policy_days") else REVIEW)
    if hazard.resumption and day_of(hazard.now) > day_of(hazard.resumption) + term:
        yield "review_too_late"


def _voided(hazard: "Hazard", fact: Row) -> Iterator[str]:
    yield from _moved(hazard, fact)
    if told(fact, "target") and not hazard.names_a_fact(fact):
        yield "nothing_to_void"


def _of_the_rectifier(hazard: "Hazard", fact: Row) -> bool:
    """Who is responsible now, or was when the work was handed in."""
    organisation = fact.get("organisation")
    return bool(organisation) and organisation in (hazard.responsible, hazard.rectifier)


def _same(a: Any, b: Any) -> bool:
    return a is not None and a == b
