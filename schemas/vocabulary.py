"""The closed word lists of the field, each written once.

Every enum value is what is stored in the ledger, printed in JSON and looked up in the
message catalogue; wording for people lives in the catalogue only (domain §8).
"""

from enum import IntEnum, IntFlag, StrEnum


class Channel(StrEnum):
    """How a hazard was discovered (domain §2, "一律录入")."""

    SMART_SENSING = "smart_sensing"
    PROFESSIONAL_INSPECTION = "professional_inspection"
    PUBLIC_REPORT = "public_report"
    GRID_PATROL = "grid_patrol"
    UNDERCOVER_VISIT = "undercover_visit"
    MEDIA = "media"
    OPINION_PATROL = "opinion_patrol"
    SELF_CHECK = "self_check"


class ActorKind(StrEnum):
    """Who carried out a check; not the same thing as the channel it came through."""

    GOVERNMENT = "government"
    GRID = "grid"
    INTERMEDIARY = "intermediary"
    ENTERPRISE = "enterprise"


class CheckResult(StrEnum):
    CLEAN = "clean"
    HAZARDS_FOUND = "hazards_found"


class Severity(IntEnum):
    GENERAL = 0
    MAJOR = 1


class ListingLevel(IntEnum):
    """Who supervises a listed hazard; 0 means not listed."""

    NONE = 0
    COUNTY = 1
    CITY = 2
    PROVINCE = 3


class State(IntEnum):
    """Where a hazard stands. Open states are 1-5; see `rules.lifecycle`."""

    NONE = 0
    REGISTERED = 1
    VERIFIED = 2
    ASSIGNED = 3
    RECTIFYING = 4
    SUBMITTED = 5
    CLOSED = 6
    REJECTED = 7
    MERGED = 8
    TRANSFERRED = 9


class FactKind(StrEnum):
    """What can happen to a hazard. Past tense: a fact is something that happened.

    The place in this list is what the store keeps of a kind: new kinds are added at the end.
    """

    REGISTERED = "registered"
    VERIFIED = "verified"
    REJECTED = "rejected"
    ASSIGNED = "assigned"
    BOUNCED = "bounced"
    ELEMENTS_FILED = "elements_filed"
    STARTED = "started"
    EXTENDED = "extended"
    MOVED = "moved"
    SEVERITY_CHANGED = "severity_changed"
    LISTED = "listed"
    DELISTED = "delisted"
    SUBMITTED = "submitted"
    ACCEPTANCE_PASSED = "acceptance_passed"
    ACCEPTANCE_FAILED = "acceptance_failed"
    CLOSED = "closed"
    REOPENED = "reopened"
    MERGED = "merged"
    TRANSFERRED = "transferred"
    EXTENSION_ASKED = "extension_asked"
    EXTENSION_REFUSED = "extension_refused"
    SUSPENDED = "suspended"
    CONTINUED = "continued"
    PRODUCTION_STOPPED = "production_stopped"
    RESUMPTION_ASKED = "resumption_asked"
    PRODUCTION_RESUMED = "production_resumed"
    INTERIM_CHECKED = "interim_checked"
    VOIDED = "voided"


FACT_RANK = {kind: rank for rank, kind in enumerate(FactKind)}

# A hazard's facts are folded in the order (claimed, kind, source, source id): of two facts claimed
# at the same instant the one that must come first in life comes first. Kinds stand in the order of
# their ranks, but for these, which stand just before another one.
_JUST_BEFORE = {
    FactKind.EXTENSION_ASKED: FactKind.EXTENDED,
    FactKind.SUSPENDED: FactKind.EXTENDED,
    FactKind.EXTENSION_REFUSED: FactKind.MOVED,
    FactKind.CONTINUED: FactKind.SUBMITTED,
    FactKind.PRODUCTION_STOPPED: FactKind.SUBMITTED,
    FactKind.INTERIM_CHECKED: FactKind.SUBMITTED,
}


def _place(kind: FactKind) -> tuple[int, bool]:
    return FACT_RANK[_JUST_BEFORE.get(kind, kind)], kind not in _JUST_BEFORE


FOLD_PLACE = {kind: place for place, kind in enumerate(sorted(FactKind, key=_place))}


class ReportStep(StrEnum):
    """What an office does with a report from the public, beside the life of its hazard.

    受理、不予受理、核查、处理、协调、督办、移送、答复、奖励 (domain §3).
    """

    ACCEPTED = "report_accepted"
    DECLINED = "report_declined"
    CHECKED = "report_checked"
    HANDLED = "report_handled"
    COORDINATED = "report_coordinated"
    SUPERVISED = "report_supervised"
    TRANSFERRED = "report_transferred"
    REPLIED = "report_replied"
    REWARDED = "report_rewarded"


class Enforcement(StrEnum):
    """What the law did about a hazard (执法): it moves nothing and is counted (domain §4)."""

    CASE_FILED = "case_filed"
    PENALISED = "penalised"
    COERCED = "coerced"
    HANDED_TO_POLICE = "handed_to_police"
    EXPOSED = "exposed"


class Note(StrEnum):
    """What an operator says about a hazard without moving it."""

    CONFLICT_SETTLED = "conflict_settled"
    SLIP_ISSUED = "slip_issued"  # 风险提示单 out
    SLIP_ANSWERED = "slip_answered"  # 整改报告单 back


# What happens beside a hazard's life: it moves nothing (table `side_step`).
SIDE_KINDS = (*ReportStep, *Enforcement, *Note)

# What an update may tell: everything that can happen to a hazard after it was found.
UPDATE_EVENTS = (*(kind for kind in FactKind if kind is not FactKind.REGISTERED), *SIDE_KINDS)


class Mark(IntFlag):
    """What is true of a hazard beside its state, one bit each."""

    OPENING = 1  # found before go-live: not judged on time
    EXTENSION_PENDING = 2
    SUSPENDED = 4  # legitimately paused (中止整改)
    PRODUCTION_STOPPED = 8


class ListingState(IntEnum):
    """Where a listing stands; see `rules.listing_life`."""

    NONE = 0
    PROPOSED = 1
    REFUSED = 2
    IN_FORCE = 3
    APPLIED = 4
    PASSED = 5
    DELISTED = 6
    CLOSED = 7


class ListingStep(StrEnum):
    """What can happen to a listing (挂牌督办, domain §4)."""

    PROPOSED = "listing_proposed"
    APPROVED = "listing_approved"
    REFUSED = "listing_refused"
    ADOPTED = "listing_adopted"  # from the level above
    RECEIVED = "notice_received"
    PUBLISHED = "listing_published"
    REPORTED_UP = "reported_up"
    PLAN_FILED = "plan_filed"
    PROGRESS = "progress_reported"
    EXTENSION_ASKED = "listing_extension_asked"
    EXTENDED = "listing_extended"
    EXTENSION_REFUSED = "listing_extension_refused"
    APPLIED = "acceptance_applied"
    PASSED = "opinion_passed"
    FAILED = "opinion_failed"
    DELISTED = "listing_delisted"
    LIFTED = "listing_lifted"  # the level above took it off its list
    RAISED = "level_raised"
    CLOSED = "listing_closed"


class RecordKind(StrEnum):
    """The six canonical records, the only shapes that pass the door (domain §2)."""

    PLACE = "place"
    CHECK = "check"
    FINDING = "finding"
    UPDATE = "update"
    FIGURE = "figure"
    SUBMISSION = "submission"


class StreamKind(StrEnum):
    HAZARD = "hazard"
    PLACE = "place"
    CHECK = "check"
    FIGURE = "figure"
    SUBMISSION = "submission"
    LISTING = "listing"
    POLICY = "policy"
    ORGANISATION = "organisation"
    SOURCE = "source"
    EDITION = "edition"
    VAULT = "vault"
    OPERATOR = "operator"
    SEAL = "seal"


class OperatorRole(StrEnum):
    """What an enrolled operator is in the office."""

    OPERATOR = "operator"
    LEADER = "leader"
    CUSTODIAN = "custodian"


class Outcome(StrEnum):
    """What the fold did with a fact (domain §3)."""

    APPLIED = "applied"
    PENDING = "pending"
    INEFFECTIVE = "ineffective"


class Closing(StrEnum):
    """What a source can say about closing: single events, a status, or nothing."""

    EVENTS = "events"
    STATUS = "status"
    NEVER = "never"


class Rung(StrEnum):
    """The escalation ladder 提醒 → 催办 → 督办 → 警示 → 通报 → 约谈 → 提级 (domain §4)."""

    REMIND = "remind"
    URGE = "urge"
    SUPERVISE = "supervise"
    WARN = "warn"
    CRITICISE = "criticise"
    INTERVIEW = "interview"
    RAISE_LEVEL = "raise_level"


class EditionKind(StrEnum):
    """What an edition speaks of: 周通报, 月晾晒, 法定月报表, 季, 半年, 年, 专项行动, any span."""

    WEEKLY = "weekly"
    MONTHLY = "monthly"
    STATUTORY = "statutory"
    QUARTER = "quarter"
    HALF_YEAR = "half_year"
    YEAR = "year"
    CAMPAIGN = "campaign"
    SPAN = "span"


class RevisionClass(StrEnum):
    """Why a later edition of a period differs from the one before (domain §6)."""

    LATE_DATA = "R1"
    RECALCULATION = "R2"
    POLICY = "R3"
    CORRECTION = "C"
