"""Reports told as short tuples, and an oracle that follows one report at a time by plain `if`s.

A step is `(kind, hour, amount_fen, target)`, hours counted from Monday 2025-03-03 00:00 Shanghai.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pandas as pd

from rules.clocks import WorkingDays
from rules.periods import midnight
from rules.reports import standing
from schemas.policy_duties import ReportClock, Reports
from schemas.vocabulary import ReportStep

K = ReportStep
START = 1_740_931_200_000
HOUR_MS = 3_600_000
DAY = 24
DAYS = WorkingDays.build()
ZONE = "Asia/Shanghai"
Step = tuple[ReportStep, float, int, str]


def clock(step: ReportStep, after: ReportStep | None, working_days: int) -> ReportClock:
    return ReportClock(step=step, after=after or "received", working_days=working_days)


# As the shipped policy has them.
POLICY = Reports(
    clocks=(
        clock(K.ACCEPTED, None, 2),
        clock(K.CHECKED, K.ACCEPTED, 5),
        clock(K.HANDLED, K.CHECKED, 15),
        clock(K.REPLIED, K.ACCEPTED, 30),
        clock(K.REWARDED, K.REPLIED, 20),
    ),
    reward_max_yuan=300_000,
)


def ms(hour: float) -> int:
    return START + round(hour * HOUR_MS)


def at(day: int, hour: int = 9) -> float:
    """Hours of an office hour `day` days after Monday 3 March."""
    return day * DAY + hour


@dataclass(frozen=True)
class Report:
    """One report: when it was made, when its hazard was found true (None: never), its steps."""

    steps: tuple[Step, ...] = ()
    received: float = 9
    true: float | None = None
    is_major: bool = False
    name: str = "r1"
    town: str = "330282104"


def step(kind: ReportStep, hour: float, amount_fen: int = 0, target: str = "") -> Step:
    return kind, hour, amount_fen, target


def findings(reports: Iterable[Report]) -> pd.DataFrame:
    rows = [
        {
            "stream_id": r.name,
            "root_id": r.name,
            "received_at": ms(r.received),
            "town_code": r.town,
            "sector_code": "industry",
            "unit_name": f"虚构五金厂{r.name}",
            "true_at": 0 if r.true is None else ms(r.true),
            "is_major": r.is_major,
        }
        for r in reports
    ]
    return pd.DataFrame(rows)


def steps(reports: Iterable[Report]) -> pd.DataFrame:
    rows = [
        (r.name, str(kind), ms(hour), fen, target or None)
        for r in reports
        for kind, hour, fen, target in r.steps
    ]
    names = ["stream_id", "kind", "claimed_at", "amount_fen", "target"]
    return pd.DataFrame(rows, columns=names)


def stand(*reports: Report, now: float, policy: Reports = POLICY) -> list[dict[str, Any]]:
    """The rows of `standing`, instants as hours, in the order given."""
    frame = standing(findings(reports), steps(reports), policy, DAYS, ms(now))
    return [_in_hours(row) for row in frame.to_dict("records")]


def _in_hours(row: Mapping[Any, Any]) -> dict[str, Any]:
    return {str(k): hours(v) if _is_instant(str(k)) else v for k, v in row.items()}


def _is_instant(name: str) -> bool:
    return name.endswith(("_at", "_due")) or name in [str(k) for k in K]


def hours(instant: int) -> float:
    """0 for an absent one."""
    return (instant - START) / HOUR_MS if instant else 0


# -- the oracle -----------------------------------------------------------------------------------


def expected(report: Report, now: float, policy: Reports = POLICY) -> dict[str, Any]:
    """What `standing` must say of one report, worked out step by step."""
    effect = _effects(report, now)
    accepted, declined = effect.get(K.ACCEPTED), effect.get(K.DECLINED)
    stands = declined is not None and _last(report, K.DECLINED, now) > _last(
        report, K.ACCEPTED, now
    )
    row: dict[str, Any] = {str(k): effect.get(k, 0) for k in K}
    row |= {"is_open": K.REPLIED not in effect, "state": _state(effect, stands)}
    open_: list[tuple[float, int, str]] = []
    for place, each in enumerate(policy.clocks):
        start = report.received if each.after == "received" else effect.get(K(each.after))
        if start is None and each.step is K.REPLIED and each.after == K.ACCEPTED:
            start = declined
        row |= {f"{each.step}_due": 0, f"{each.step}_late": False}
        if start is None or (each.step is K.REWARDED and not _earns(report, accepted, now)):
            continue
        due = _due(start, each.working_days)
        ends = [t for t in _ends(each.step, report, effect, stands, now) if t is not None]
        row[f"{each.step}_late"] = min([now, *ends]) > due
        if each.step in effect or not ends:
            row[f"{each.step}_due"] = due
        if not ends:
            open_.append((due, place, str(each.step)))
    first = min(open_, default=(0, 0, ""))
    return row | {"next_due": first[0], "next_step": first[2], "is_late": 0 < first[0] < now}


def _effects(report: Report, now: float) -> dict[ReportStep, float]:
    """Every step that has taken effect by `now`."""
    made: dict[ReportStep, float] = {}

    def claimed(kind: ReportStep) -> float | None:
        told = [s for s in report.steps if s[0] is kind and s[1] <= now and _whole(s)]
        return min((s[1] for s in told), default=None)

    def take(kind: ReportStep, *required: float | None) -> None:
        own = claimed(kind)
        if own is not None and all(r is not None for r in required):
            made[kind] = max([own, *(r for r in required if r is not None)])

    take(K.ACCEPTED)
    take(K.DECLINED)
    decided = min(
        (made[k] for k in (K.ACCEPTED, K.DECLINED) if k in made),
        default=None,
    )
    take(K.CHECKED, made.get(K.ACCEPTED))
    take(K.HANDLED, made.get(K.CHECKED))
    take(K.COORDINATED, made.get(K.ACCEPTED))
    take(K.SUPERVISED, made.get(K.ACCEPTED))
    take(K.TRANSFERRED, decided)
    take(K.REPLIED, decided)
    true = report.true if report.true is not None and report.true <= now else None
    take(K.REWARDED, made.get(K.ACCEPTED), made.get(K.REPLIED), true)
    return made


def _whole(told: Step) -> bool:
    kind, _, fen, target = told
    if kind is K.REWARDED:
        return fen > 0
    return bool(target) if kind is K.TRANSFERRED else True


def _last(report: Report, kind: ReportStep, now: float) -> float:
    return max((s[1] for s in report.steps if s[0] is kind and s[1] <= now), default=-1e9)


def _earns(report: Report, accepted: float | None, now: float) -> bool:
    true = report.true is not None and report.true <= now
    return true and report.is_major and accepted is not None


def _ends(
    kind: ReportStep, report: Report, effect: Mapping[ReportStep, float], stands: bool, now: float
) -> list[float | None]:
    if kind is K.ACCEPTED:
        return [effect.get(K.ACCEPTED), effect.get(K.DECLINED)]
    if kind in (K.REPLIED, K.REWARDED):
        return [effect.get(kind)]
    ends = [effect.get(kind), effect.get(K.REPLIED), effect.get(K.TRANSFERRED)]
    return [*ends, _last(report, K.DECLINED, now) if stands else None]


def _state(effect: Mapping[ReportStep, float], declined_stands: bool) -> str:
    for kind in (K.REWARDED, K.REPLIED):
        if kind in effect:
            return str(kind)
    if declined_stands:
        return str(K.DECLINED)
    for kind in (K.HANDLED, K.CHECKED, K.ACCEPTED):
        if kind in effect:
            return str(kind)
    return "received"


def _due(start: float, working_days: int) -> float:
    """24:00 of the n-th working day after the day of `start`."""
    day = DAYS.day_of(ms(start))
    for _ in range(working_days):
        day += timedelta(days=1)
        while not DAYS.is_working(day):
            day += timedelta(days=1)
    return hours(midnight(day + timedelta(days=1), ZONE))
