"""The shape of a published edition: what `edition.json` holds and renderers read.

The body is a pure function of (watermark, period, policy); the envelope adds what differs between
two editions of one period. No floats: rates, scores and points are decimal text, "/" where there
is nothing to divide by. Keys are stable; adding one raises SCHEMA.
"""

from enum import StrEnum
from typing import Literal, NotRequired, TypedDict

from schemas.edition_annex import Annex, Frozen, Watch

SCHEMA = "bihuan/edition/2"

# Flows and stocks per unit; the balance of domain §5 is the first ten.
MEASURES = (
    "opening",
    "found",
    "reopened",
    "moved_in",
    "closed",
    "rejected",
    "merged",
    "transferred",
    "moved_out",
    "closing",
    "found_closed",  # found in the span and closed at its end (the cohort)
    "due",
    "on_time",
    "on_time_original",  # at the original due date, unscored
    "backdated",
    "overdue",
    "overdue_major",
    "overdue_days",  # sum of whole days past due
    "acceptances",
    "reworked",
    "closures_90_days",
    "major_open",
    "major_complete",  # open major hazards with all five elements
    "verified",
    "dispatched_in_time",
)

# Measures that are not split by self-check and supervision; each stands where it is counted.
DUTY_MEASURES = (  # of months and quarters: only where the period holds a whole one
    "self_checks_due",
    "self_checks_kept",
    "quarter_due",
    "quarter_checked",
)
PLACE_MEASURES = ("places_due", "places_checked", *DUTY_MEASURES)
FILED_MEASURES = (
    "submissions_owed",
    "submissions_in_time",
    "rows_received",
    "rows_accepted",
    "fields_asked",
    "fields_given",
)
COVERAGE_MEASURES = (*PLACE_MEASURES, *FILED_MEASURES, "found_outside")
# Rates of those duties: an edition without them has nothing to score there.
DUTY_RATES = ("self_check_coverage", "quarterly_coverage")

# The period itself; the campaign and the calendar year to its end.
Scope = Literal["period", "campaign", "year"]
Split = Literal["all", "self_check", "supervision"]
SCOPES: tuple[Scope, ...] = ("period", "campaign", "year")
SPLITS: tuple[Split, ...] = ("all", "self_check", "supervision")


class DraftState(StrEnum):
    """清样: a draft waits, is signed and so an edition, is refused, or gives way to a newer one."""

    OPEN = "open"
    SIGNED = "signed"
    REFUSED = "refused"
    REPLACED = "replaced"


class ObjectionState(StrEnum):
    """异议: filed, then upheld (a correction follows) or refused with a reason."""

    FILED = "filed"
    UPHELD = "upheld"
    REFUSED = "refused"


class Bilingual(TypedDict):
    zh: str
    en: str


class Rate(TypedDict):
    numerator: int
    denominator: int
    value: str  # percent with two decimals, "/" for a zero denominator


class Unit(TypedDict):
    """One row: a town, a sector or the whole county."""

    code: str
    name: Bilingual
    group: str
    rank: int | None
    last_rank: int | None
    score: str | None
    unranked_because: str | None  # catalogue key, e.g. nothing_due
    small_sample: bool
    points: dict[str, str]  # "scope.rate" → points before weighting
    deductions: dict[str, str]
    counts: dict[Scope, dict[Split, dict[str, int]]]
    rates: dict[Scope, dict[Split, dict[str, Rate]]]


class ListedItem(TypedDict):
    number: str
    level: str
    town: str
    sector: str
    unit_name: str
    listed_on: str
    due_on: str
    state: str


class Missing(TypedDict):
    source: str
    source_title: Bilingual
    unit: str
    unit_name: Bilingual
    due_at: str  # ISO 8601 with offset
    received_at: str | None  # None: still missing; else late


class RankMove(TypedDict):
    unit: str
    name: Bilingual
    old_rank: int | None
    new_rank: int | None
    old_score: str | None
    new_score: str | None
    changed: dict[str, list[str]]  # measure → [old, new]


class Revision(TypedDict):
    """Why this edition differs from the one before; absent from a first edition."""

    revision_class: str
    previous: int
    reasons: list[dict[str, str]]  # submissions that came late, or the policy that changed
    moves: list[RankMove]


class Issue(TypedDict):
    """What signing fixes: 第 number 期 of its kind and year, who signed, to whom it goes.

    correction: 0 for the first edition of a period, else the number of the 更正通报.
    """

    year: int
    number: int
    correction: int
    signer: Bilingual | None
    signed_by: str
    recipients: list[str]


class StatutoryRow(TypedDict):
    """A town, a sector or the county in the statutory monthly table; names in rules.statutory."""

    code: str
    name: Bilingual
    counts: dict[str, int]
    rates: dict[str, str]  # percent with one decimal, "/" for nothing to divide by
    funds: str  # spent, 10k yuan with one decimal


class Statutory(TypedDict):
    towns: list[StatutoryRow]
    sectors: list[StatutoryRow]
    total: StatutoryRow


class Body(TypedDict):
    schema: str
    county: dict[str, str | Bilingual]
    fictitious: bool
    kind: str
    period: str
    first_day: str
    last_day: str
    campaign: dict[str, str | Bilingual]
    groups: list[str]
    towns: list[Unit]
    sectors: list[Unit]
    total: Unit
    listed_matrix: list[dict[str, str | int]]  # sector, level, count
    listed: list[ListedItem]
    unlisted_major: int  # 应挂未挂
    missing: list[Missing]  # also a source that did not answer for the period
    late: list[Missing]
    sources: dict[str, Bilingual]  # short name → title
    quarantined: dict[str, int]  # rule code → rows refused in the period's deliveries
    policy: dict[str, object]
    annex: NotRequired[Annex]
    frozen: NotRequired[Frozen]  # kinds quarter, half_year and year, where ranks are shown
    watch: NotRequired[Watch]  # internal editions only
    statutory: NotRequired[Statutory]  # kinds monthly and statutory


class Edition(TypedDict):
    edition: int
    watermark: int
    ledger_head: str  # hash of the ledger at the watermark
    ledger_root: NotRequired[str]  # of the Merkle tree over it there; editions before it have none
    policy_hash: str
    body_digest: str
    issue: NotRequired[Issue]
    revision: NotRequired[Revision]
    body: Body
