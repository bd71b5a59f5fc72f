"""Enrolling and retiring operators: each is an event and a row, in one transaction.

The event says who, of which organisation, in which role, and who did it; the secret is only in the
row, sealed. Enrolling a name again makes a new secret, and the old device proves nothing any more.
"""

from dataclasses import dataclass, field

import pandas as pd
import pyotp

from rules.seal import canonical
from rules.second_person import is_plain, spelled, tidied
from schemas.vocabulary import OperatorRole, StreamKind
from tasks.county import County
from tasks.operators import OperatorRefused, active, named, operators, require_actor
from tasks.own_events import own_drafts
from tasks.store import ledger, lookups
from tasks.store import operators as store
from tasks.store.engine import Connection, reading, writing
from tasks.store.operator_key import seal
from tasks.store.operators import Operator

SOURCE = "operator"
LONGEST = {"name": 100, "organisation": 200, "reason": 500}


@dataclass(frozen=True)
class Enrolment:
    """What the operator's device is given; to be shown once and kept nowhere."""

    name: str
    uri: str = field(repr=False)
    secret: str = field(repr=False)
    is_again: bool = False


def enrol(
    county: County, name: str, organisation: str, role: OperatorRole, actor: str, now: int
) -> Enrolment:
    """Enrol an operator; one who is or was enrolled gets a new secret, and the old one is dead.

    Raises OperatorRefused.
    """
    said = {"name": spelled(name), "organisation": tidied(organisation)}
    _require(actor, said)
    said["role"] = OperatorRole(role).value
    return ledger.settled(lambda: _enrol(county, said, actor, now))


def _enrol(county: County, said: dict[str, str], actor: str, now: int) -> Enrolment:
    with reading(county.engine) as connection:
        head = ledger.read_head(connection, county.code)
        known = named(store.enrolled(connection, county.code), said["name"])
        said = said | {"name": known.name if known else said["name"]}
        drafts = _draft(connection, county, store.ENROLLED, said, actor, now)
    secret = pyotp.random_base32()
    sealed = seal(county.home, secret, county.code, said["name"], now)
    with writing(county.engine) as connection:
        after = ledger.append(connection, county.code, head, drafts, ledger.Stamp(now, now, ""))
        store.enrol(connection, county.code, said, sealed, now, after.seq)
        connection.commit()
    issuer = f"bihuan {county.organisation.name.zh}"
    uri = pyotp.TOTP(secret).provisioning_uri(name=said["name"], issuer_name=issuer)
    return Enrolment(said["name"], uri, secret, known is not None)


def retire(county: County, name: str, reason: str, actor: str, now: int) -> Operator:
    """End what an operator can prove, and forget the secret. Raises OperatorRefused."""
    said = {"name": name, "reason": tidied(reason)}
    _require(actor, {"reason": said["reason"]})
    kept_name = ledger.settled(lambda: _retire(county, said, actor, now))
    return next(o for o in operators(county) if o.name == kept_name)


def _retire(county: County, said: dict[str, str], actor: str, now: int) -> str:
    with reading(county.engine) as connection:
        head = ledger.read_head(connection, county.code)
        kept = active(county, store.enrolled(connection, county.code), said["name"])
        said = said | {"name": kept.name}
        drafts = _draft(connection, county, store.RETIRED, said, actor, now)
    with writing(county.engine) as connection:
        after = ledger.append(connection, county.code, head, drafts, ledger.Stamp(now, now, ""))
        store.retire(connection, county.code, kept.name, now, after.seq)
        connection.commit()
    return kept.name


def _require(actor: str, said: dict[str, str]) -> None:
    require_actor(actor)
    for field_name, words in said.items():
        most = LONGEST[field_name]
        if not is_plain(words, most):
            raise OperatorRefused(f"bad_{field_name}", {"words": words[:40], "most": most})


def _draft(
    connection: Connection, county: County, kind: str, said: dict[str, str], actor: str, now: int
) -> pd.DataFrame:
    stream = f"{StreamKind.OPERATOR}:{said['name']}"
    length = int(lookups.stream_lengths(connection, county.code, [stream]).get(stream, 0))
    return own_drafts(
        pd.Series([stream]),
        StreamKind.OPERATOR,
        kind,
        pd.Series([f"{said['name']}:{length + 1}"]),
        [canonical(said).decode()],
        now,
        source=SOURCE,
        record=StreamKind.OPERATOR.value,
        actor=tidied(actor),
        base_version=length,
    )
