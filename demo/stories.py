"""Life stories of general hazards: who tells them, how often, and how they end.

Promise: every story is a plain function of a `Life`; what it does is what is true. `STORIES` gives
each its share per thousand and whether weekly ledgers may carry it. The stories that end late or
never make towns differ: a town's slackness turns main lines into stalls.
"""

from collections.abc import Callable
from dataclasses import dataclass

from demo.life import Life
from schemas.vocabulary import FactKind

K = FactKind


def begin(life: Life) -> None:
    """Verified and dispatched, nearly always within a day, sometimes with a date of its own."""
    life.verify(life.after(0.02, 0.6))
    prompt = life.rng.random() < 0.88
    days = life.rng.choice((None, None, 5, 8, 12))
    life.assign(life.after(0.02, 0.3) if prompt else life.after(1.6, 3), days)


def hand_in(life: Life, on_time: bool) -> None:
    life.start(life.after(0.1, 1))
    late = life.now.due_at - life.at + life.rng.randint(1, 9) * 86_400_000
    life.submit(life.before_due(0.05, 0.35) if on_time else life.in_office(life.at + max(late, 0)))


def finish(life: Life, lag: int = 0) -> None:
    on_time = life.at < life.now.due_at
    life.pass_(life.before_due(0.05, 0.35) if on_time else life.after(0.2, 2), lag)
    life.close(life.after(0.05, 1))


def main_line(life: Life) -> None:
    begin(life)
    hand_in(life, on_time=True)
    finish(life)


def too_late(life: Life) -> None:
    begin(life)
    hand_in(life, on_time=False)
    finish(life)


def stalled(life: Life) -> None:
    """Dispatched, perhaps begun, and then nothing more."""
    begin(life)
    if life.rng.random() < 0.6:
        life.start(life.after(0.1, 2))


def lingering(life: Life) -> None:
    """Only registered, or only verified."""
    if life.rng.random() < 0.6:
        life.verify(life.after(0.1, 2))


def reworked(life: Life) -> None:
    begin(life)
    hand_in(life, on_time=True)
    for _ in range(1 + (life.rng.random() < 0.2)):
        life.fail(life.after(0.1, 1))
        life.submit(life.after(0.5, 3))
    finish(life)


def reopened(life: Life) -> None:
    main_line(life)
    life.reopen(life.after(2, 12), life.rng.choice((None, 6)))
    hand_in(life, on_time=True)
    if life.rng.random() < 0.7:
        finish(life)


def rejected(life: Life) -> None:
    if life.rng.random() < 0.5:
        life.verify(life.after(0.05, 1))
    life.reject(life.after(0.05, 1.5))


def bounced(life: Life) -> None:
    """Sent back by the unit, dispatched again the same day with a date of its own."""
    begin(life)
    life.bounce(life.at + life.rng.randint(30, 90) * 60_000)
    life.assign(life.at + life.rng.randint(30, 90) * 60_000, 9)
    hand_in(life, on_time=True)
    finish(life)


def merged(life: Life) -> None:
    """Put together with another case by explicit update, never by the text."""
    begin(life)
    if life.rng.random() < 0.4:
        life.start(life.after(0.1, 1))
    life.merge(life.after(0.2, 2), target=f"并入-{life.rng.randint(1, 999):03d}")


def transferred(life: Life) -> None:
    begin(life)
    life.transfer(life.after(0.1, 2))


def extended(life: Life) -> None:
    begin(life)
    life.start(life.after(0.1, 1))
    life.extend(life.before_due(0.3, 0.8), life.rng.randint(5, 10))
    life.submit(life.before_due(0.3, 0.8))
    finish(life)


def extended_too_late(life: Life) -> None:
    """Asked for after expiry: no effect, so the hazard is overdue until it is accepted."""
    begin(life)
    life.start(life.after(0.1, 1))
    at = life.in_office(life.now.due_at + life.rng.randint(10, 60) * 3_600_000)
    life.attempt(K.EXTENDED, at, life.extension(at, 9))
    life.submit(life.after(1, 6))
    finish(life)


def moved(life: Life) -> None:
    begin(life)
    towns = [t for t in life.scene.organisation.town_codes() if t != life.now.town]
    at = life.before_due(0.2, 0.6)
    life.move(at, life.rng.choice(towns), life.rng.choice((None, 8)))
    hand_in(life, on_time=life.rng.random() < 0.7)
    finish(life)


def closed_unaccepted(life: Life) -> None:
    """Closing told before any acceptance; it takes effect with the acceptance that follows."""
    begin(life)
    hand_in(life, on_time=True)
    waiting = life.close_too_early(life.after(0.05, 0.4))
    life.pass_(life.after(0.1, 1))
    life.closed_by(waiting)


def closed_then_failed(life: Life) -> None:
    """Closing told before any acceptance, and then the acceptance fails: it never closed."""
    begin(life)
    hand_in(life, on_time=True)
    waiting = life.close_too_early(life.after(0.05, 0.4))
    life.fail(life.after(0.1, 1))
    life.scene.note(waiting, "ineffective")
    life.submit(life.after(0.5, 3))
    finish(life)


def closed_while_rectifying(life: Life) -> None:
    begin(life)
    life.start(life.after(0.1, 1))
    life.attempt(K.CLOSED, life.after(0.1, 1), {"organisation": life.office})
    if life.rng.random() < 0.5:
        life.submit(life.before_due(0.2, 0.7) if life.at < life.now.due_at else life.after(0.5, 2))
        finish(life)


def accepted_itself(life: Life) -> None:
    """The rectifier passes its own work: no effect; the town's office does it later."""
    begin(life)
    hand_in(life, on_time=True)
    life.attempt(
        K.ACCEPTANCE_PASSED,
        life.after(0.05, 0.4),
        {"organisation": life.origin.unit_name, "person": life.submitter},
    )
    finish(life)


def backdated(life: Life) -> None:
    """Accepted in time, but told a week or more later: not credited as on time."""
    begin(life)
    hand_in(life, on_time=True)
    finish(life, lag=life.rng.randint(7 * 1440, 11 * 1440) * 60_000)


def on_the_spot(life: Life) -> None:
    """当场整改: found, rectified, accepted and closed at one instant, with evidence."""
    at = life.at
    life.verify(at)
    life.assign(at, 1)
    life.start(at)
    life.submit(at)
    life.pass_(at)
    life.close(at)


@dataclass(frozen=True)
class Story:
    tell: Callable[[Life], None]
    share: int
    not_from: tuple[str, ...] = ()  # sources that cannot tell it


STORIES: tuple[Story, ...] = (
    Story(main_line, 600),
    Story(too_late, 45),
    Story(stalled, 30),
    Story(lingering, 10),
    Story(reworked, 55),
    Story(reopened, 35),
    Story(rejected, 28),
    # Not in a weekly ledger: it could end between the two rows of one day.
    Story(bounced, 25, ("grid",)),
    Story(merged, 16),
    Story(transferred, 10),
    Story(extended, 35),
    Story(extended_too_late, 8),
    Story(moved, 20),
    Story(closed_unaccepted, 10),
    Story(closed_then_failed, 8),
    Story(closed_while_rectifying, 8),
    Story(accepted_itself, 15, ("selfcheck",)),
    Story(backdated, 30),
    Story(on_the_spot, 900, ("inspection", "complaints")),
)
