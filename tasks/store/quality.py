"""The rows of `submission_quality`: warnings and the make-up of each submission taken."""

from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Connection, select

from expectations.batch import Profile, remarks
from schemas.tables import submission_quality
from tasks.intake.landing import Delivery
from tasks.store import bulk

_C = submission_quality.c
EARLIER = 8  # submissions of the same unit that a new one is compared with


@dataclass(frozen=True)
class Quality:
    """One submission beside its counts: its profile, accepted rows with a warning, by code."""

    profile: Profile
    warned: int
    warned_by: dict[str, int]


def keep(
    connection: Connection, county: str, delivery: Delivery, quality: Quality, seq: int
) -> None:
    """Store it with what is unusual about it against the unit's earlier ones; the first stays."""
    earlier = _earlier(connection, county, delivery)
    row = {
        "county": county,
        "delivery": delivery.digest,
        "source": delivery.source,
        "reporting_unit": delivery.reporting_unit,
        "rows_warned": quality.warned,
        "warned_by": _json(quality.warned_by),
        "remarks": _json(remarks(quality.profile, earlier)),
        "profile": _json(quality.profile),
        "seq": seq,
    }
    bulk.insert_if_absent(connection, submission_quality, row)


def _earlier(connection: Connection, county: str, delivery: Delivery) -> list[Profile]:
    query = (
        select(_C.profile)
        .where(
            _C.county == county,
            _C.source == delivery.source,
            _C.reporting_unit == delivery.reporting_unit,
            _C.delivery != delivery.digest,
        )
        .order_by(_C.seq.desc(), _C.delivery)
        .limit(EARLIER)
    )
    return [orjson.loads(text) for text in connection.execute(query).scalars()]


def _json(value: Any) -> str:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()
