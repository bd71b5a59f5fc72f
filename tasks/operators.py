"""Enrolled operators: what needs a second person is proved by a code of that person's device.

A code proves that the device enrolled under a name took part, once; the first person stays as
claimed. Secrets are sealed in the store under a key of the home (`tasks.store.operator_key`).

    second = require_second(county, actor, form.second_person, form.code, now)
    payload |= {"second_person": second.name}

In a dry run ask `eligible` instead: it needs no code and uses none up. `tasks.enrolling` enrols.
"""

import logging
from collections.abc import Collection
from dataclasses import dataclass

import pyotp

from rules.second_person import digits, first_unused, is_plain, is_same_person, judge
from schemas.vocabulary import OperatorRole
from tasks.county import County
from tasks.publication.reporting import instant
from tasks.refusing import Refusal
from tasks.store import operators as store
from tasks.store.engine import Connection, reading, writing
from tasks.store.operator_key import KEY_FILE, SecretUnreadable, unseal
from tasks.store.operators import Kept, Operator

LONGEST_ACTOR = 120
log = logging.getLogger(__name__)


class OperatorRefused(Refusal):
    """Why not, and what to do. No code is repeated."""

    area = "operator.refused"


class NotProved(OperatorRefused):
    """No second person was proved; what needs one must not be done."""


@dataclass(frozen=True)
class SecondPerson:
    """Who was proved; `enrolment` is the seq of the event that enrolled the device."""

    name: str
    organisation: str
    role: OperatorRole
    enrolment: int
    proved_at: int


def require_second(
    county: County,
    actor: str,
    second: str,
    code: str,
    now: int,
    *,
    roles: Collection[OperatorRole] = (),
) -> SecondPerson:
    """Proof that an enrolled operator other than `actor` took part at `now` (UTC ms).

    Uses the code up. `roles`: one of these; empty for any. Raises NotProved.
    """
    found = eligible(county, actor, second, now, roles=roles)
    return prove(county, found.name, code, now)


def eligible(
    county: County, actor: str, second: str, now: int, *, roles: Collection[OperatorRole] = ()
) -> Operator:
    """Who could be the second person, as far as that is known without a code. Raises NotProved."""
    if is_same_person(actor, second):
        raise NotProved("same_person", {"name": second, "actor": actor})
    require_actor(actor)
    with reading(county.engine) as connection:
        kept = _usable(county, store.enrolled(connection, county.code), second, now)
    if roles and kept.role not in roles:
        wanted = ", ".join(OperatorRole(r).value for r in roles)
        raise NotProved("role", {"name": kept.name, "role": kept.role, "wanted": wanted})
    return kept.public()


def prove(county: County, name: str, code: str, now: int) -> SecondPerson:
    """Proof that this operator's device showed this code at `now`, using it up. Raises NotProved.

    Of two with the same code one is proved. A wrong code counts, whoever asks.
    """
    with writing(county.engine) as connection:
        found = _usable(county, store.enrolled(connection, county.code), name, now)
        kept = store.held(connection, county.code, found.name)
        _usable(county, [kept], name, now)  # as it is now that nobody else changes it
        refusal = _entered(connection, county, kept, code, now)
        connection.commit()
    if refusal is not None:
        raise refusal
    role = OperatorRole(kept.role)
    return SecondPerson(kept.name, kept.organisation, role, kept.seq, now)


def _entered(
    connection: Connection, county: County, kept: Kept, code: str, now: int
) -> NotProved | None:
    """Judge a code and enter what follows from it: used up, or one more wrong one."""
    meant, named = digits(code), {"name": kept.name}
    if not meant:
        return NotProved("malformed", named)
    judgement = judge(meant, now, kept.last_step, _totp(county, kept).generate_otp)
    if not judgement.reason:
        used = store.use(connection, county.code, kept, judgement.step)
        return None if used else NotProved("used", named)
    if judgement.reason == "used":
        return NotProved("used", named)
    left = store.fail(connection, county.code, kept.name, now)
    if left:
        at = instant(now, county.zone)
        return NotProved(judgement.reason, named | {"left": left, "now": at})
    log.warning("operator %s of %s is locked after wrong codes", kept.name, county.code)
    return _locked(county, store.held(connection, county.code, kept.name))


def code_for(county: County, name: str, now: int) -> str:
    """A code of this operator that is good at `now`: only a demo plays the second person.

    A clock that stands still has three of them. Raises OperatorRefused.
    """
    if not county.settings.demo:
        raise OperatorRefused("not_demo", {"name": name, "home": county.home})
    with reading(county.engine) as connection:
        kept = _usable(county, store.enrolled(connection, county.code), name, now)
    step = first_unused(now, kept.last_step)
    if step is None:
        raise OperatorRefused("spent", {"name": kept.name, "now": instant(now, county.zone)})
    return _totp(county, kept).generate_otp(step)


def operators(county: County) -> list[Operator]:
    """Everybody who is or was enrolled, by name, without secrets."""
    with reading(county.engine) as connection:
        return [kept.public() for kept in store.enrolled(connection, county.code)]


def unreadable(county: County) -> list[str]:
    """Active operators whose codes cannot be checked: the key does not open their secret."""
    with reading(county.engine) as connection:
        known = store.enrolled(connection, county.code)
    return [kept.name for kept in known if not kept.retired_at and not _opens(county, kept)]


def require_actor(actor: str) -> None:
    """Raises NotProved where nobody could tell who acts."""
    if not is_plain(actor, LONGEST_ACTOR):
        raise NotProved("no_actor", {"most": LONGEST_ACTOR})


def named(known: list[Kept], name: str) -> Kept | None:
    return next((kept for kept in known if is_same_person(kept.name, name)), None)


def active(county: County, known: list[Kept], name: str) -> Kept:
    """The operator of this name. Raises NotProved when there is none, or not any more."""
    kept = named(known, name)
    if kept is None:
        names = ", ".join(k.name for k in known if not k.retired_at)
        raise NotProved("unknown", {"name": name, "known": names or "-"})
    if kept.retired_at:
        at = instant(kept.retired_at, county.zone)
        raise NotProved("retired", {"name": kept.name, "at": at})
    return kept


def _usable(county: County, known: list[Kept], name: str, now: int) -> Kept:
    kept = active(county, known, name)
    if kept.locked_until > now:
        raise _locked(county, kept)
    return kept


def _locked(county: County, kept: Kept) -> NotProved:
    return NotProved(
        "locked", {"name": kept.name, "until": instant(kept.locked_until, county.zone)}
    )


def _totp(county: County, kept: Kept) -> pyotp.TOTP:
    bound = (county.code, kept.name, kept.enrolled_at)
    try:
        return pyotp.TOTP(unseal(county.home, kept.secret, *bound))
    except SecretUnreadable:
        file = county.home / KEY_FILE
        raise NotProved("sealed", {"name": kept.name, "file": file}) from None


def _opens(county: County, kept: Kept) -> bool:
    try:
        _totp(county, kept)
    except NotProved:
        return False
    return True
