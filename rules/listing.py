"""Listed supervision of major hazards 挂牌督办: who is to be listed, at what level, by what number.

Every major hazard is to be listed. A proposal is made for each verified one that is not; a named
leader approves it, and the notice gets the next number of its level and year. What should be
listed by now and is not, is a number of its own: 应挂未挂 (domain §4).
"""

import re
from collections.abc import Iterable
from datetime import timedelta

import numpy as np
import pandas as pd

from rules.clocks import Days, Flags, WorkingDays
from schemas.policy import Policy
from schemas.policy_duties import ListingRule
from schemas.vocabulary import ListingLevel

MAJOR_COLUMNS = (
    "root_id",
    "verified_at",
    "listed_level",
    "town_code",
    "sector_code",
    "unit_name",
)
PROPOSAL_COLUMNS = (
    "root_id",
    "level",
    "propose_by",
    "is_late",
    "town_code",
    "sector_code",
    "unit_name",
)

_MARK = 987_654_321  # stands for the number while a number format is turned into a pattern


def proposals(majors: pd.DataFrame, policy: Policy, days: WorkingDays, now: int) -> pd.DataFrame:
    """One row per open major hazard verified before `now` and not listed, PROPOSAL_COLUMNS.

    `majors`: MAJOR_COLUMNS, open major hazards; verified_at in UTC ms, 0 for not yet. level: the
    ListingLevel to propose; propose_by: UTC ms, 24:00 of the last working day for it; is_late: that
    has passed. Rows in the order of root_id.
    """
    open_ones = majors.loc[_to_list(majors, now)].sort_values("root_id").reset_index(drop=True)
    by = listing_deadlines(open_ones["verified_at"].to_numpy(np.int64), policy.listing, days)
    levels = levels_of(open_ones["sector_code"], policy.listing)
    made = open_ones.assign(level=levels, propose_by=by, is_late=by <= now)
    return made[list(PROPOSAL_COLUMNS)]


def unlisted(majors: pd.DataFrame, policy: Policy, days: WorkingDays, at: int) -> Flags:
    """应挂未挂: which of `majors` were verified, not listed, and past the days for it at `at`.

    `at` (UTC ms) is the end of the period when counting; one flag per row of `majors`.
    """
    verified = majors["verified_at"].to_numpy(np.int64)
    to_list = _to_list(majors, at)
    late = np.zeros(len(majors), dtype=bool)
    late[to_list] = listing_deadlines(verified[to_list], policy.listing, days) <= at
    return late


def listing_deadlines(verified_at: Days, rule: ListingRule, days: WorkingDays) -> Days:
    """24:00 of the last working day on which a hazard verified then is to be listed (UTC ms)."""
    last = days.shift(days.within(days.local_days(verified_at)), rule.within_working_days)
    return days.midnights(last + 1)


def level_of(sector_code: str, rule: ListingRule) -> ListingLevel:
    """The level a hazard of this sector is to be listed at."""
    return ListingLevel[rule.level_by_sector.get(sector_code, rule.default_level).upper()]


def levels_of(sector_codes: "pd.Series[str]", rule: ListingRule) -> "pd.Series[int]":
    levels = {code: int(level_of(code, rule)) for code in sector_codes.unique()}
    return sector_codes.map(levels).astype("int64")


def term_end(listed_at: int, rule: ListingRule, days: WorkingDays) -> int:
    """The deadline of a listing: 24:00 of the last day of its term (UTC ms)."""
    last = days.day_of(listed_at) + timedelta(days=rule.term_days)
    return int(days.midnights(np.array([last.toordinal() + 1]))[0])


def plan_end(listed_at: int, rule: ListingRule, days: WorkingDays) -> int:
    """Until when the listed unit files its treatment plan (UTC ms)."""
    last = days.day_of(listed_at) + timedelta(days=rule.plan_within_days)
    return int(days.midnights(np.array([last.toordinal() + 1]))[0])


def next_number(
    policy: Policy, county_code: str, level: ListingLevel, year: int, used: Iterable[str]
) -> str:
    """The number of the next notice of this level and year: one more than the greatest of `used`.

    `used`: every number the county ever gave, of all levels and years; the number of a voided
    notice is among them and is not given again.
    """
    if level == ListingLevel.NONE:
        raise ValueError("a notice needs a level: county, city or province; none was given")
    pattern = re.compile(
        re.escape(_numbered(policy, county_code, level, year, _MARK)).replace(str(_MARK), r"(\d+)")
    )
    taken = [int(match[1]) for match in map(pattern.fullmatch, used) if match]
    return _numbered(policy, county_code, level, year, max(taken, default=0) + 1)


def next_numbers(
    policy: Policy, county_code: str, levels: list[ListingLevel], year: int, used: Iterable[str]
) -> list[str]:
    """A number for each of `levels`, in that order, none of them given before."""
    given: list[str] = []
    before = list(used)
    for level in levels:
        given.append(next_number(policy, county_code, level, year, [*before, *given]))
    return given


def _to_list(majors: pd.DataFrame, at: int) -> Flags:
    verified = majors["verified_at"].to_numpy(np.int64)
    unlisted_yet = majors["listed_level"].to_numpy(np.int64) == ListingLevel.NONE
    return np.asarray((verified > 0) & (verified < at) & unlisted_yet)


def _numbered(policy: Policy, county_code: str, level: ListingLevel, year: int, n: int) -> str:
    return policy.listing.number_format.format(
        county=county_code, level=level.name.lower(), year=year, number=n
    )
