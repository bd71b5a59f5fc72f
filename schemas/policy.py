"""A county's policy: every number of days, weight, level and threshold (`policy.yaml`).

Frozen, unknown keys refused, hashed into every edition and every ladder event. Nothing here has a
default that decides: what an office must choose, it must write down.
"""

from datetime import date
from decimal import Decimal
from typing import Literal

from pydantic import Field, model_validator

from schemas.edition import Scope
from schemas.organisation import Frozen, Name
from schemas.policy_bulletin import Bulletin
from schemas.policy_duties import (
    Extension,
    InterimControl,
    ListingRule,
    Production,
    QuarterlyChecks,
    Reports,
    Slips,
)
from schemas.policy_indices import Indices
from schemas.policy_watch import Watch
from schemas.vocabulary import Channel, EditionKind, Rung


class Campaign(Frozen):
    """What is scored: a named span over some classes of places (专项行动)."""

    name: Name
    start: date
    end: date
    place_classes: tuple[str, ...] = Field(min_length=1)


class Deadlines(Frozen):
    """Default days to rectify when whoever assigns names no date (限时办结)."""

    general_days: int = Field(ge=1)
    major_days: int = Field(ge=1)
    by_channel: dict[Channel, int] = {}  # general hazards only

    def days(self, channel: str) -> tuple[int, int]:
        """(general, major) days for a hazard found through `channel`."""
        return self.by_channel.get(Channel(channel), self.general_days), self.major_days


class Indicator(Frozen):
    """One scored rate: p = 100·clip((v − floor)/(target − floor), 0, 1) (domain §5).

    floor > target means that lower is better. `of` names a rate of `rules.counting.RATES`.
    """

    of: str
    weight: Decimal = Field(gt=0)
    floor: Decimal
    target: Decimal
    scope: Scope

    @model_validator(mode="after")
    def _spread(self) -> "Indicator":
        if self.floor == self.target:
            raise ValueError(f"indicator {self.of}: floor and target are both {self.floor}")
        return self


class Deduction(Frozen):
    """Points taken per item of a count, capped. `of` names a measure of the campaign scope."""

    of: str
    points_each: Decimal = Field(gt=0)
    cap: Decimal = Field(gt=0)


class Scoring(Frozen):
    towns: tuple[Indicator, ...] = Field(min_length=1)
    sectors: tuple[Indicator, ...] = Field(min_length=1)
    deductions: tuple[Deduction, ...] = ()
    # The scope whose `due` says whether a unit is ranked at all and whether its sample is small.
    sample_scope: Scope
    small_sample_below: int = Field(ge=0)
    show_ranks: bool = True


class LadderStep(Frozen):
    """One rung: `offset_days` working days from the due date, negative for before it."""

    rung: Rung
    offset_days: int
    listed_offset_days: int | None = None  # for listed hazards; None: the same
    to: Literal["responsible_unit", "town", "sector", "leader"]
    proposal: bool = False  # True: a person confirms before anything is sent


class Identity(Frozen):
    """When two findings are one hazard: same place and category, near in time, near-same text.

    From `text_similarity` on they are joined; from `unsure_similarity` on a person is asked.
    """

    window_days: int = Field(ge=0)
    text_similarity: int = Field(ge=1, le=100)
    unsure_similarity: int = Field(ge=1, le=100)
    # Words that mean the same when descriptions are compared; the first stands for its group.
    same_words: tuple[tuple[str, ...], ...] = ()

    @model_validator(mode="after")
    def _unsure_is_less(self) -> "Identity":
        if self.unsure_similarity > self.text_similarity:
            raise ValueError(
                f"identity: unsure_similarity {self.unsure_similarity} lies above text_similarity "
                f"{self.text_similarity}: nobody would ever be asked; lower it"
            )
        return self


class Due(Frozen):
    """One line of the filing calendar: who owes which source what, by when (报送日历)."""

    source: str
    units: Literal["towns", "source"] | tuple[str, ...]
    period: Literal["week"]
    due_hours: int = Field(ge=0)  # after the period's end; moved to the next working day
    nil_return: bool


class Policy(Frozen):
    """Everything an office decides, in one file; its digest is printed on every edition."""

    version: str
    go_live: date | None = None  # what was found before this day enters as opening
    campaign: Campaign
    deadlines: Deadlines
    continuous_filing_hours: int = Field(ge=0)
    extension: Extension
    interim_control: InterimControl
    production: Production
    reports: Reports
    slips: Slips
    identity: Identity
    listing: ListingRule
    ladder: tuple[LadderStep, ...]
    scoring: Scoring
    indices: Indices | None = None  # left out: places have no colour, no grade, no self-checks due
    quarterly: QuarterlyChecks | None = None  # left out: no place is due once a quarter
    bulletin: Bulletin
    calendar: tuple[Due, ...]
    watch: Watch | None = None  # left out: nothing is looked for
    holidays: dict[date, bool] = {}  # overrides of the calendar: True = day off, False = working
    holidays_until: date | None = None  # `holidays` is the whole official calendar up to this day

    def of_kind(self, kind: EditionKind) -> "Policy":
        """This policy as it speaks in editions of one kind: whom it is for, whether ranks show."""
        rule = self.bulletin.of_kind(kind)
        shown = self.scoring.show_ranks and rule.show_ranks is not False
        scoring = self.scoring.model_copy(update={"show_ranks": shown})
        return self.model_copy(update={"bulletin": rule, "scoring": scoring})

    @model_validator(mode="after")
    def _each_rung_once(self) -> "Policy":
        rungs = [step.rung for step in self.ladder]
        if twice := sorted({str(r) for r in rungs if rungs.count(r) > 1}):
            raise ValueError(f"ladder: {twice} stand twice; a rung fires once per due date")
        return self

    @model_validator(mode="after")
    def _scored_duties_are_owed(self) -> "Policy":
        rules = {"self_check_coverage": self.indices, "quarterly_coverage": self.quarterly}
        scored = {i.of for i in (*self.scoring.towns, *self.scoring.sectors)}
        if idle := sorted(of for of, rule in rules.items() if of in scored and rule is None):
            raise ValueError(
                f"scoring: nobody owes what {idle} counts; add the section indices or quarterly"
            )
        return self

    @model_validator(mode="after")
    def _filing_before_cut_off(self) -> "Policy":
        late = [d.source for d in self.calendar if d.due_hours > self.bulletin.cut_off_hours]
        if late:
            raise ValueError(
                f"filing deadline of {late} lies after the cut-off "
                f"({self.bulletin.cut_off_hours} h after the week's end): nothing could be on time"
            )
        return self
