"""Guards that no further data can satisfy: who must not, until when, what is not so (domain §3).

Each guard has one reason, the word that refusals and the catalogue use, and answers for whole
arrays: which of these facts, at the time they are judged, it refuses. What a move merely lacks is
no guard but a need (`rules.elements`): it waits. The order in which guards stand is the order in
which they speak.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from rules.clocks import WorkingDays
from rules.elements import Need
from rules.facts import Facts
from rules.lives import NONE, Lives
from schemas.vocabulary import FACT_RANK, FactKind, Mark, Severity

Flags = np.ndarray


@dataclass(frozen=True)
class FoldPolicy:
    """What the fold must know of the policy where a fact does not say it itself.

    listed_notice: working days before expiry at which an extension of a listed hazard is asked for;
    review_days: days after the application within which resuming production is reviewed on site.
    """

    listed_notice: int
    days: WorkingDays
    review_days: int = 10


@dataclass(frozen=True)
class Moment:
    """Some facts being judged: their hazards as they are now. `now` is by stream."""

    life: Lives
    policy: FoldPolicy
    streams: np.ndarray
    rows: np.ndarray
    now: np.ndarray

    @property
    def facts(self) -> Facts:
        return self.life.facts

    @property
    def at(self) -> np.ndarray:
        return np.asarray(self.now[self.streams])

    def of(self, name: str) -> np.ndarray:
        return np.asarray(self.life[name][self.streams])

    def has(self, mark: Mark) -> Flags:
        return self.life.is_marked(mark, self.streams)

    def asked_of_policy(self, otherwise: int) -> np.ndarray:
        """The days the policy asked when the fact was entered: later policies rewrite nothing."""
        said = self.facts.policy_days[self.rows]
        return np.where(said >= 0, said, otherwise)


@dataclass(frozen=True)
class Guard:
    reason: str
    refuses: Callable[[Moment], Flags]


def _same(a: np.ndarray, b: np.ndarray) -> Flags:
    """Both named, and the same."""
    return np.asarray((a != NONE) & (a == b))


# -- who must not ---------------------------------------------------------------------------------


def _same_person(m: Moment) -> Flags:
    return _same(m.facts.second[m.rows], m.facts.person[m.rows])


def _by_rectifier(m: Moment) -> Flags:
    """By the organisation that is responsible now, or was when the work was handed in."""
    organisation = m.facts.organisation[m.rows]
    now, then = m.of("responsible"), m.of("rectifier")
    return np.asarray(_same(organisation, now) | _same(organisation, then))


def _accepted_by_rectifier(m: Moment) -> Flags:
    """Save a general self-check item, accepted by a second named person of the same enterprise."""
    person, submitter = m.facts.person[m.rows], m.of("submitter")
    second = (person != NONE) & (submitter != NONE) & (person != submitter)
    general = m.of("severity") == Severity.GENERAL
    return np.asarray(_by_rectifier(m) & ~((m.of("self_check") > 0) & general & second))


def _accepted_by_requester(m: Moment) -> Flags:
    """The person who handed the work in for the rectifier; a clerk who entered it may accept."""
    return _same(m.facts.person[m.rows], m.of("requester"))


def _decided_by_requester(m: Moment) -> Flags:
    """The person who asked for the extension: in an application before it, else in the fact."""
    asker = np.where(m.has(Mark.EXTENSION_PENDING), m.of("asker"), NONE)
    asker = np.where(asker != NONE, asker, m.facts.person[m.rows])
    return _same(m.facts.second[m.rows], asker)


def _decided_by_rectifier(m: Moment) -> Flags:
    return _same(m.facts.organisation[m.rows], m.of("responsible"))


def _implied(m: Moment) -> Flags:
    """Major hazards and public reports are never accepted by implication of a status."""
    strict = (m.of("severity") == Severity.MAJOR) | (m.of("public") > 0)
    return np.asarray(m.facts.implied[m.rows] & strict)


# -- until when -----------------------------------------------------------------------------------


def _expired(m: Moment) -> Flags:
    return np.asarray(m.at >= m.of("due_at"))


def _short_notice(m: Moment) -> Flags:
    """Listed hazards: too few working days between asking and the last day of the present term."""
    due = m.of("due_at")
    listed = np.flatnonzero((m.of("level") > 0) & (due > 0))
    short = np.zeros(len(due), dtype=bool)
    if len(listed):
        left = _elapsed(m, due[listed] - 1) - _elapsed(m, _asked_at(m)[listed])
        short[listed] = left < m.asked_of_policy(m.policy.listed_notice)[listed]
    return short


def _asked_at(m: Moment) -> np.ndarray:
    """When an extension was asked for: as the fact says, else its application, else the fact."""
    said = m.facts.asked[m.rows]
    applied = np.where(m.has(Mark.EXTENSION_PENDING), m.of("asked_at"), m.facts.claimed[m.rows])
    return np.where(said != 0, said, applied)


def _elapsed(m: Moment, instants: np.ndarray) -> np.ndarray:
    days = m.policy.days
    return days.elapsed(days.within(days.local_days(instants)))


def _review_too_late(m: Moment) -> Flags:
    """After 24:00 of the last day; the day of the application is not counted."""
    local, asked = m.policy.days.local_days, m.of("resumption_at")
    last = local(asked) + m.asked_of_policy(m.policy.review_days)
    return np.asarray((asked > 0) & (local(m.at) > last))


# -- what is not so -------------------------------------------------------------------------------


def _same_severity(m: Moment) -> Flags:
    return np.asarray(m.facts.severity[m.rows] == m.of("severity"))


def _listed_higher(m: Moment) -> Flags:
    level = m.facts.level[m.rows]
    return np.asarray((level > 0) & (m.of("level") > level))


def _other_level(m: Moment) -> Flags:
    level = m.facts.level[m.rows]
    return np.asarray((level > 0) & (m.of("level") != level))


def _not_listed(m: Moment) -> Flags:
    return np.asarray(m.of("level") == 0)


def _nothing_to_void(m: Moment) -> Flags:
    named = (m.facts.provides[m.rows] & int(Need.TARGET)) > 0
    return np.asarray(named & ~m.facts.cancels[m.rows])


def _is(mark: Mark) -> Callable[[Moment], Flags]:
    return lambda m: m.has(mark)


def _is_not(mark: Mark) -> Callable[[Moment], Flags]:
    return lambda m: ~m.has(mark)


K = FactKind
_DECIDED_APART = (
    Guard("same_person", _decided_by_requester),
    Guard("decided_by_rectifier", _decided_by_rectifier),
)
_BY_KIND: Mapping[FactKind, tuple[Guard, ...]] = {
    K.ACCEPTANCE_PASSED: (
        Guard("accepted_by_rectifier", _accepted_by_rectifier),
        Guard("accepted_by_requester", _accepted_by_requester),
        Guard("implied_acceptance", _implied),
    ),
    K.EXTENSION_ASKED: (
        Guard("extension_after_expiry", _expired),
        Guard("already_asked", _is(Mark.EXTENSION_PENDING)),
        Guard("extension_asked_too_late", _short_notice),
    ),
    K.EXTENDED: (
        Guard("extension_after_expiry", _expired),
        Guard("extension_asked_too_late", _short_notice),
        *_DECIDED_APART,
    ),
    K.EXTENSION_REFUSED: (
        Guard("nothing_asked", _is_not(Mark.EXTENSION_PENDING)),
        *_DECIDED_APART,
    ),
    K.MOVED: (Guard("same_person", _same_person),),
    K.SEVERITY_CHANGED: (
        Guard("same_severity", _same_severity),
        Guard("same_person", _same_person),
    ),
    K.LISTED: (Guard("listed_higher", _listed_higher),),
    K.DELISTED: (
        Guard("not_listed", _not_listed),
        Guard("delisted_by_other_level", _other_level),
    ),
    K.SUSPENDED: (
        Guard("already_suspended", _is(Mark.SUSPENDED)),
        Guard("same_person", _same_person),
    ),
    K.CONTINUED: (
        Guard("not_suspended", _is_not(Mark.SUSPENDED)),
        Guard("same_person", _same_person),
    ),
    K.PRODUCTION_STOPPED: (Guard("already_stopped", _is(Mark.PRODUCTION_STOPPED)),),
    K.RESUMPTION_ASKED: (Guard("not_stopped", _is_not(Mark.PRODUCTION_STOPPED)),),
    K.PRODUCTION_RESUMED: (
        Guard("not_stopped", _is_not(Mark.PRODUCTION_STOPPED)),
        Guard("reviewed_by_rectifier", _by_rectifier),
        Guard("review_too_late", _review_too_late),
    ),
    K.VOIDED: (
        Guard("nothing_to_void", _nothing_to_void),
        Guard("same_person", _same_person),
    ),
}
GUARDS: Mapping[int, tuple[Guard, ...]] = {FACT_RANK[k]: guards for k, guards in _BY_KIND.items()}


def refusals() -> tuple[str, ...]:
    """The reasons of all guards, each once, in their order."""
    return tuple(dict.fromkeys(guard.reason for guards in _BY_KIND.values() for guard in guards))
