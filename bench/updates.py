"""The updates of the benchmark's world as text: what each kind of update brings with it.

Everything the guards of the lifecycle ask for is there, and nothing a sender would leave out.
"""

import numpy as np
import pyarrow as pa

from bench.columns import blank, days, instants, joined, numbered, only, pick
from bench.lives import KINDS, Updates
from bench.words import FAMILIES, MEASURES
from bench.world import Findings, Places
from schemas.organisation import Organisation
from schemas.vocabulary import FactKind as F

GENERAL_DAYS, MAJOR_DAYS = 10, 30  # what whoever assigns allows; written into every assignment


def update_columns(
    rng: np.random.Generator, u: Updates, f: Findings, places: Places, county: Organisation
) -> dict[str, pa.Array]:
    n, place = len(u.at), f.place[u.finding]
    sectors = [f"慈溪市{s.name.zh}专委办" for s in county.sectors]
    towns = [f"{t.name.zh}应急管理所" for t in county.towns]
    office = pick(sectors, places.sector[place])
    return {
        "source_id": numbered("U", np.arange(n)),
        "finding_source": blank(n),
        "finding_id": numbered("F", u.finding),
        "event": pick(KINDS, u.kind),
        "happened_at": instants(u.at),
        "organisation": only(
            ~u.of(F.STARTED, F.SUBMITTED),
            pick(
                [*sectors, *towns],
                np.where(
                    u.of(F.ACCEPTANCE_PASSED, F.ACCEPTANCE_FAILED),
                    len(sectors) + places.town[place],
                    places.sector[place],
                ),
            ),
        ),
        "person": joined("核查员", pick(FAMILIES, u.finding % len(FAMILIES))),
        "reason": only(u.of(F.REJECTED, F.ACCEPTANCE_FAILED), "现场核查与描述不符"),
        "sent_at": instants(u.at + rng.integers(60, 3600, size=n)),
        **_element_columns(u, f, places.names(county, place), office),
        **_submission_columns(u),
    }


def _element_columns(
    u: Updates, f: Findings, unit: pa.Array, office: pa.Array
) -> dict[str, pa.Array]:
    """Responsibility and deadline on assignment, the rest on start; a major one has all five."""
    assigned, started = u.of(F.ASSIGNED), u.of(F.STARTED)
    major = f.major[u.finding]
    allowed = np.where(major, MAJOR_DAYS, GENERAL_DAYS) * 86_400
    return {
        "responsible_unit": only(assigned | started, unit),
        "responsible_lead": only(
            assigned | started, joined("负责人", pick(FAMILIES, u.finding % 7))
        ),
        "supervising_department": only(assigned | started, office),
        "measures": only(started, pick(MEASURES, u.finding % len(MEASURES))),
        "due_date": only(assigned, days(u.at + allowed)),
        "funding_planned_fen": only(started & major, numbered("", u.finding * 100, 1)),
        "funding_source": only(started & major, "企业安全生产费用"),
        "plan_reference": only(started & major, numbered("应急预案-", u.finding)),
        "interim_control": only(started & major, "停用并派专人值守"),
    }


def _submission_columns(u: Updates) -> dict[str, pa.Array]:
    submitted = u.of(F.SUBMITTED)
    return {
        "finished_on": only(submitted, days(u.at)),
        "work_done": only(submitted, "已按措施整改完毕并自查合格"),
        "funding_spent_fen": only(submitted, numbered("", u.finding % 5000 * 100, 1)),
        "evidence": only(submitted, numbered("photo/", u.finding)),
    }
