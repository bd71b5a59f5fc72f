"""Parts of a county's policy that say who must do what within how long (`policy.yaml`).

Days, hours and amounts only; what they are counted from is in `rules`.
"""

from datetime import date
from string import Formatter
from typing import Literal

from pydantic import Field, model_validator

from schemas.organisation import Frozen, Name
from schemas.vocabulary import ActorKind, ListingLevel, ReportStep

Level = Literal["county", "city", "province"]


class QuarterlyChecks(Frozen):
    """Places that are to be checked once a quarter, and by whom.

    by: "jointly", a check by any of these actors will do; "each", every kind of actor owes its own.
    """

    place_classes: tuple[str, ...] = Field(min_length=1)
    actor_kinds: tuple[ActorKind, ...] = Field(min_length=1)
    by: Literal["jointly", "each"]
    since: date  # quarters that began before are not judged: the ledger cannot know of them


class ListingRule(Frozen):
    """How major hazards are listed (挂牌督办): level by sector, number format, terms and duties."""

    default_level: Level
    level_by_sector: dict[str, Level] = {}
    report_up_hours: int = Field(ge=1)  # after verification, to the level above
    within_working_days: int = Field(ge=0)  # after verification; later is 应挂未挂
    term_days: int = Field(ge=1, le=366)
    file_within_working_days: int = Field(ge=0)  # after the notice: filed with the level above
    publish_within_working_days: int = Field(ge=0)  # after listing, and after delisting
    plan_within_days: int = Field(ge=1)  # after the notice: the unit files its treatment plan
    progress_every_days: int = Field(ge=1)
    accept_within_days: int = Field(ge=1)  # after the application or the deadline
    number_format: str  # with {county} {level} {year} {number}
    approved_by: Name
    # required: supervise proposes, a named leader's act lists; at_once: supervise lists.
    approval: Literal["required", "at_once"]

    @property
    def level(self) -> ListingLevel:
        return ListingLevel[self.default_level.upper()]

    @model_validator(mode="after")
    def _numbers_differ(self) -> "ListingRule":
        fields = {name for _, name, _, _ in Formatter().parse(self.number_format) if name}
        if absent := {"level", "year", "number"} - fields:
            raise ValueError(
                f"listing number_format {self.number_format!r} lacks {sorted(absent)}: numbers run "
                "per level and year, so two notices would have the same number"
            )
        return self


class Extension(Frozen):
    listed_notice_working_days: int = Field(ge=0)
    # An application suspends the ladder for so long, until it is decided.
    decide_within_working_days: int = Field(ge=1)


class Production(Frozen):
    resumption_review_days: int = Field(ge=1)  # after the application, on site


class InterimControl(Frozen):
    check_every_days: int = Field(ge=1)


class ReportClock(Frozen):
    """One duty towards a reporter: a step within so many working days after another one."""

    step: ReportStep
    after: ReportStep | Literal["received"]
    working_days: int = Field(ge=0)


class Reports(Frozen):
    """Reports from the public (群众举报): the clock of each step, and the greatest reward."""

    clocks: tuple[ReportClock, ...]
    reward_max_yuan: int = Field(ge=0)

    @model_validator(mode="after")
    def _one_clock_each(self) -> "Reports":
        steps = [clock.step for clock in self.clocks]
        if twice := sorted({str(s) for s in steps if steps.count(s) > 1}):
            raise ValueError(f"reports: {twice} have two clocks; keep one")
        return self


class Slips(Frozen):
    answer_working_days: int = Field(ge=1)  # 风险提示单 out, 整改报告单 back
