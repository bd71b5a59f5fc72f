"""Life stories of major hazards: all five elements, listing at three levels, delisting, closing.

Promise: a major hazard is listed within a day or two of its verification, so that the office's own
clock has nothing to propose in the demo, save the few of `unlisted`, which never close. County
listings are told by the inspection platform, city and province ones by the upper platform.
"""

from collections.abc import Callable

from demo.life import Life
from demo.model import MINUTE_MS, NEVER
from demo.stories import begin
from schemas.period import DAY_MS, HOUR_MS
from schemas.vocabulary import FactKind, ListingLevel

K = FactKind
_LEVELS = (ListingLevel.COUNTY,) * 5 + (ListingLevel.CITY,) * 3 + (ListingLevel.PROVINCE,) * 2


def _list(life: Life) -> tuple[str, ListingLevel, str]:
    level = life.rng.choice(_LEVELS)
    via = "inspection" if level is ListingLevel.COUNTY else "upper"
    return life.list_(life.after(0.1, 1.2), level, via), level, via


def _work(life: Life, share: tuple[float, float] = (0.3, 0.6)) -> None:
    life.submit(life.before_due(*share))


def _leave(life: Life, listing: tuple[str, ListingLevel, str]) -> None:
    """Off the list and closed within the hour or two."""
    life.delist(life.after(0.5, 2), *listing)
    life.close(life.at + life.rng.randint(30, 100) * MINUTE_MS)


def complete(life: Life) -> None:
    """All as it should be: listed, planned, rectified, accepted, delisted, closed."""
    begin(life)
    listing = _list(life)
    life.start(life.after(0.5, 3))
    _work(life)
    life.pass_(life.after(0.5, 2))
    _leave(life, listing)


def plan_comes_later(life: Life) -> None:
    """Begun without the contingency plan: the start waits and takes effect with the plan."""
    begin(life)
    listing = _list(life)
    waiting = life.start_without_plan(life.after(0.5, 2))
    life.file_plan(life.after(2, 9), waiting)
    if life.rng.random() < 0.6:
        _work(life)
        life.pass_(life.after(0.5, 2))
        _leave(life, listing)


def plan_never_comes(life: Life) -> None:
    begin(life)
    _list(life)
    waiting = life.start_without_plan(life.after(0.5, 2))
    life.scene.note(waiting, "pending")


def under_way(life: Life) -> None:
    begin(life)
    _list(life)
    life.start(life.after(0.5, 3))


def overdue(life: Life) -> None:
    """A short date, all elements there, and the work not done."""
    life.verify(life.after(0.02, 0.6))
    life.assign(life.after(0.02, 0.3), 6)
    _list(life)
    life.start(life.after(0.2, 1))


def closed_before_delisting(life: Life) -> None:
    """Closing told while still listed: it takes effect with the delisting."""
    begin(life)
    listing = _list(life)
    life.start(life.after(0.5, 2))
    _work(life)
    life.pass_(life.after(0.5, 2))
    waiting = life.close_too_early(life.after(0.1, 1))
    life.delist(life.after(0.5, 3), *listing)
    life.closed_by(waiting)


def reworked(life: Life) -> None:
    begin(life)
    listing = _list(life)
    life.start(life.after(0.5, 2))
    _work(life, (0.2, 0.4))
    life.fail(life.after(0.5, 2))
    life.submit(life.after(2, 5))
    life.pass_(life.after(0.5, 2))
    _leave(life, listing)


def unlisted(life: Life) -> None:
    """应挂未挂: verified and dispatched, and nobody lists it."""
    begin(life)


def extended_in_time(life: Life) -> None:
    """A listed hazard's extension, asked for more than 15 working days before it expires."""
    life.verify(life.after(0.02, 0.6))
    life.assign(life.after(0.02, 0.3), 45)
    _list(life)
    life.start(life.after(0.5, 2))
    life.extend(life.after(4, 6), 20, asked_before_days=2)


def extended_on_short_notice(life: Life) -> None:
    """Asked for some days before expiry: too short a notice for a listed hazard, no effect."""
    life.verify(life.after(0.02, 0.6))
    life.assign(life.after(0.02, 0.3), 20)
    _list(life)
    life.start(life.after(0.5, 2))
    at = life.in_office(life.now.due_at - 5 * DAY_MS)
    life.attempt(K.EXTENDED, at, life.extension(at, 20))


def upgraded(life: Life) -> None:
    """Found as general; under way it turns out to be major, and begins again as such."""
    begin(life)
    life.start(life.after(0.1, 1))
    life.upgrade(life.before_due(0.2, 0.4))
    life.extend(life.at + life.rng.randint(1, 3) * HOUR_MS, 25)
    listing = _list(life)
    life.start(life.after(1, 4))
    if life.known < NEVER and life.rng.random() < 0.5:
        _work(life)
        life.pass_(life.after(0.5, 2))
        _leave(life, listing)


MAJORS: tuple[tuple[Callable[[Life], None], int], ...] = (
    (complete, 28),
    (plan_comes_later, 16),
    (plan_never_comes, 6),
    (under_way, 12),
    (overdue, 10),
    (closed_before_delisting, 8),
    (reworked, 8),
    (unlisted, 3),
    (extended_in_time, 5),
    (extended_on_short_notice, 4),
)
