"""What looks like gaming and how much of it is let pass (`policy.yaml`, section `watch`).

Optional: without it no edition has a watch section. Nothing here decides anything about a unit: a
flag asks a person to look. The measures are computed by `rules.watch`.
"""

from decimal import Decimal
from enum import StrEnum

from pydantic import Field, model_validator

from schemas.organisation import Frozen
from schemas.vocabulary import Channel, EditionKind


class WatchMeasure(StrEnum):
    SPLITTING = "splitting"  # near-same text at one place, found near in time, not merged
    CROWDED = "crowded"  # many of one category at one place, whatever they say
    OUTSIDE = "outside"  # found by others than the town: what it may have hidden
    AVOIDED = "avoided"  # left without acceptance when due or nearly so
    BACKDATED = "backdated"  # accepted in time as told, told after the filing deadline
    TOLD_LATE = "told_late"  # steps of closing told long after they are said to have happened
    DOWNGRADED = "downgraded"  # major made general
    SAME_DAY = "same_day"  # found and closed on one and the same day: the greatest day
    LATE_EXTENSIONS = "late_extensions"  # granted in the last days before expiry
    REOPENED_SOON = "reopened_soon"  # reopened shortly after closing
    UNPROVEN = "unproven"  # closed, and no evidence was filed in time
    SELF_ACCEPTED = "self_accepted"  # accepted by the unit that rectified


class WatchRule(Frozen):
    """A flag is raised where everything that the rule names is reached.

    `percent`: of the measure's base; `over_county`: percentage points above the county's own share.
    """

    of: WatchMeasure
    at_least: int = Field(ge=1)
    percent: Decimal = Field(default=Decimal(0), ge=0, le=100)
    over_county: Decimal | None = Field(default=None, ge=0, le=100)


class Reinspection(Frozen):
    """How many closed hazards are drawn for re-inspection, by town and period.

    So many that one of `false_percent` false closures is hit with `confidence_percent`; of 20
    closures 16 hit one false in ten with 95 %.
    """

    false_percent: int = Field(ge=1, le=99)
    confidence_percent: int = Field(ge=1, le=99)
    at_most: int = Field(ge=1)  # per town: as many as there are inspectors for


class Watch(Frozen):
    kinds: tuple[EditionKind, ...] = Field(min_length=1)  # editions that are watched, if internal
    outside_channels: tuple[Channel, ...]
    crowded_from: int = Field(ge=2)  # crowded: so many within the window of `identity`
    near_due_days: int = Field(ge=0)  # avoided: so long before the due date already
    told_late_hours: int = Field(ge=1)
    last_days: int = Field(ge=1)  # late_extensions: granted so shortly before expiry
    reopened_within_days: int = Field(ge=1)
    rules: tuple[WatchRule, ...]
    reinspection: Reinspection | None = None

    @model_validator(mode="after")
    def _each_once(self) -> "Watch":
        named = [rule.of for rule in self.rules]
        if twice := sorted({str(n) for n in named if named.count(n) > 1}):
            raise ValueError(f"watch rules: {twice} stand twice; keep one line of each")
        return self
