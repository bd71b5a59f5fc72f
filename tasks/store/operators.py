"""The rows of `operator`: who is enrolled, which codes were used, and what the ledger says of it.

A used code and a wrong one are single guarded statements, so that of two at once one counts.
"""

from dataclasses import dataclass, field

import orjson
import pandas as pd
from sqlalchemy import case, select, update

from rules.second_person import LOCK_MS, TRIES
from schemas.tables import event, operator
from schemas.vocabulary import StreamKind
from tasks.store import bulk, ledger
from tasks.store.engine import Connection

ENROLLED, RETIRED = "operator_enrolled", "operator_retired"
_O = operator.c
# What the ledger says too; the rest is secret, or is of the codes.
_SAID = ("name", "organisation", "role", "enrolled_at", "retired_at", "seq")
_KEPT = (*_SAID, "locked_until", "last_step", "secret")


@dataclass(frozen=True)
class Operator:
    """One who is, or was (`retired_at` not 0), enrolled; `seq` is the event that says so."""

    name: str
    organisation: str
    role: str
    enrolled_at: int
    retired_at: int
    seq: int
    locked_until: int


@dataclass(frozen=True)
class Kept(Operator):
    """An operator with what a code is judged by; the secret is sealed."""

    last_step: int
    secret: str = field(repr=False)

    def public(self) -> Operator:
        return Operator(**{name: getattr(self, name) for name in Operator.__dataclass_fields__})


def enrolled(connection: Connection, county: str) -> list[Kept]:
    """Everybody who ever was, in order of their names."""
    query = select(*(_O[c] for c in _KEPT)).where(_O.county == county).order_by(_O.name)
    return [Kept(**row) for row in connection.execute(query).mappings()]


def held(connection: Connection, county: str, name: str) -> Kept:
    """One operator whose row nobody else changes until this transaction ends."""
    query = select(*(_O[c] for c in _KEPT)).where(_O.county == county, _O.name == name)
    return Kept(**connection.execute(query.with_for_update()).mappings().one())


def enrol(
    connection: Connection, county: str, said: dict[str, str], secret: str, now: int, seq: int
) -> None:
    """Enter a new operator, or an old one with a new secret: none of its codes was used yet.

    said: name, organisation, role; secret: sealed.
    """
    never = dict.fromkeys(("last_step", "failures", "locked_until", "retired_at"), 0)
    fresh = {**said, **never, "secret": secret, "enrolled_at": now, "seq": seq}
    mine = (_O.county == county) & (_O.name == said["name"])
    if not connection.execute(update(operator).where(mine).values(**fresh)).rowcount:
        connection.execute(operator.insert().values(county=county, **fresh))


def retire(connection: Connection, county: str, name: str, now: int, seq: int) -> None:
    """From now on no code is good; the secret is forgotten."""
    connection.execute(
        update(operator)
        .where(_O.county == county, _O.name == name)
        .values(retired_at=now, seq=seq, secret="", failures=0, locked_until=0)
    )


def use(connection: Connection, county: str, kept: Kept, step: int) -> bool:
    """Use up the code of a step and all before it; False when somebody was faster."""
    done = connection.execute(
        update(operator)
        .where(
            _O.county == county,
            _O.name == kept.name,
            _O.secret == kept.secret,
            _O.retired_at == 0,
            _O.last_step < step,
        )
        .values(last_step=step, failures=0)
    )
    return bool(done.rowcount)


def fail(connection: Connection, county: str, name: str, now: int) -> int:
    """Count a wrong code; the tries that are left. With the last one the operator is locked."""
    mine = (_O.county == county) & (_O.name == name)
    is_last = _O.failures + 1 >= TRIES
    connection.execute(
        update(operator)
        .where(mine)
        .values(
            failures=case((is_last, 0), else_=_O.failures + 1),
            locked_until=case((is_last, now + LOCK_MS), else_=_O.locked_until),
        )
    )
    failures: int = connection.execute(select(_O.failures).where(mine)).scalar_one()
    return TRIES - failures if failures else 0


def stored(connection: Connection, county: str) -> pd.DataFrame:
    """What the rows say that the ledger must say too."""
    return bulk.select(connection, select(*(_O[c] for c in _SAID)).where(_O.county == county))


def replayed(connection: Connection, county: str) -> pd.DataFrame:
    """The same from the ledger alone: the last enrolment of each, and whether it still holds."""
    events = ledger.read_events(
        connection, county, event.c.stream_kind == StreamKind.OPERATOR.value
    )
    last = events.drop_duplicates("stream_id", keep="last").set_index("stream_id")
    entered = events[events["kind"] == ENROLLED].drop_duplicates("stream_id", keep="last")
    said = [orjson.loads(p) for p in entered["payload"].tolist()]
    latest = last.loc[entered["stream_id"]]
    return pd.DataFrame(
        {
            **{n: [p[n] for p in said] for n in ("name", "organisation", "role")},
            "enrolled_at": entered["claimed_at"].tolist(),
            "retired_at": latest["claimed_at"].where(latest["kind"] == RETIRED, 0).tolist(),
            "seq": latest["seq"].tolist(),
        }
    )
