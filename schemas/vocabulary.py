"""The closed word lists of the field, each written once.

Every enum value is what is stored in the ledger, printed in JSON and looked up in the
message catalogue; wording for people lives in the catalogue only (domain §8).
"""

from enum import IntEnum, StrEnum


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
    """What can happen to a hazard. Past tense: a fact is something that happened."""

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


# A hazard's facts are folded in the order (claimed, rank, source, source id, version): of two
# facts claimed at the same instant the one that must come first in life comes first here.
FACT_RANK = {kind: rank for rank, kind in enumerate(FactKind)}


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
    WEEKLY = "weekly"


class RevisionClass(StrEnum):
    """Why a later edition of a period differs from the one before (domain §6)."""

    LATE_DATA = "R1"
    RECALCULATION = "R2"
    POLICY = "R3"
    CORRECTION = "C"
