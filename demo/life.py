"""What can happen to a hazard: each method is one thing that happens and is told.

Promise: a method writes the row that a source sends *and* the step that is really true after it;
whoever tells the story decides, nothing is derived by replaying rows.
"""

from dataclasses import replace
from datetime import date, timedelta

from demo import words
from demo.model import Row, Value
from demo.telling import Telling
from schemas.period import DAY_MS, HOUR_MS
from schemas.vocabulary import FactKind, ListingLevel, Severity, State

K = FactKind


def _committee(level: ListingLevel) -> str:
    return "市安委会（虚构）" if level is ListingLevel.COUNTY else "上级安委会（虚构）"


class Life(Telling):
    """A hazard being told."""

    # -- the main line -------------------------------------------------------------------------

    def verify(self, at: int) -> None:
        row = self.tell(K.VERIFIED, at, organisation=self.office, person=words.person(self.rng))
        self._step(K.VERIFIED, at, row, state=State.VERIFIED)

    def reject(self, at: int) -> None:
        row = self.tell(K.REJECTED, at, organisation=self.office, reason="现场核查不属实")
        self._step(K.REJECTED, at, row, state=State.REJECTED)

    def assign(self, at: int, days: int | None = None) -> None:
        """Dispatch; `days` None leaves the date to the policy."""
        due = self.due_in(self.default_days() if days is None else days, at)
        row = self.tell(
            K.ASSIGNED,
            at,
            organisation=self.office,
            responsible_unit=self.origin.unit_name,
            responsible_lead=words.person(self.rng),
            supervising_department=self.office,
            due_date=None if days is None else due.isoformat(),
        )
        end = self.scene.clock.end_of(due)
        elements = self._with("responsibility", "deadline")
        self._step(
            K.ASSIGNED, at, row,
            state=State.ASSIGNED, due_at=end, original_due_at=end, elements=elements,
        )  # fmt: skip

    def bounce(self, at: int) -> None:
        row = self.tell(K.BOUNCED, at, organisation=self.origin.unit_name, reason="不属本单位管辖")
        left = self.now.elements - {"responsibility", "deadline"}
        self._step(
            K.BOUNCED, at, row,
            state=State.VERIFIED, due_at=0, original_due_at=0, elements=left,
        )  # fmt: skip

    def start(self, at: int) -> None:
        """Work begins with all that this severity asks for."""
        major = self.now.severity is Severity.MAJOR
        row = self.tell(K.STARTED, at, measures="停用并更换", more=self._plan() if major else None)
        brought = ("measures", "funding", "plan") if major else ("measures",)
        self._step(K.STARTED, at, row, state=State.RECTIFYING, elements=self._with(*brought))

    def _plan(self, whole: bool = True) -> dict[str, Value]:
        plan: dict[str, Value] = {
            "funding_planned_fen": self.rng.randint(5, 400) * 100_000,
            "funding_source": "企业自筹",
            "interim_control": "设警戒区，专人值守",
        }
        return plan | ({"plan_reference": f"预案-{self.rng.randint(100, 999)}"} if whole else {})

    def start_without_plan(self, at: int) -> Row:
        """A major hazard's start that lacks the contingency plan: it waits."""
        row = self.tell(K.STARTED, at, measures="制定改造方案", more=self._plan(whole=False))
        elements = self._with("measures", "funding")
        self.now = replace(self.now, elements=elements)
        return row

    def file_plan(self, at: int, waiting: Row | None) -> None:
        """The plan comes; a start that waited for it takes effect now."""
        row = self.tell(K.ELEMENTS_FILED, at, plan_reference=f"预案-{self.rng.randint(100, 999)}")
        self._step(K.ELEMENTS_FILED, at, row, elements=self._with("plan"))
        if waiting is not None:
            self._step(K.STARTED, at, waiting, row, state=State.RECTIFYING)
            self.scene.note(waiting, "pending_then_applied")

    def submit(self, at: int) -> None:
        self.submitter = words.person(self.rng)
        row = self.tell(
            K.SUBMITTED,
            at,
            organisation=self.origin.unit_name,
            person=self.submitter,
            finished_on=self.scene.clock.day(at).isoformat(),
            work_done="更换并恢复",
            funding_spent_fen=self.rng.randint(1, 300) * 10_000,
            evidence=f"照片-{self.rng.randint(1000, 9999)}",
        )
        self._step(K.SUBMITTED, at, row, state=State.SUBMITTED, accepted_at=0, accepted_late=False)

    def _acceptor(self) -> dict[str, Value]:
        """Another organisation; half of the general self-check items by a second person there."""
        own = self.is_self_check and self.now.severity is Severity.GENERAL
        if own and self.rng.random() < 0.5:
            person = words.other_person(self.rng, self.submitter)
            return {"organisation": self.origin.unit_name, "person": person}
        return {"organisation": self.office, "person": words.other_person(self.rng, self.submitter)}

    def pass_(self, at: int, lag: int = 0) -> None:
        row = self.tell(K.ACCEPTANCE_PASSED, at, lag=lag, more=self._acceptor())
        late = self.scene.post.filed_late(row.source, at, row.receipt)
        self._step(K.ACCEPTANCE_PASSED, at, row, accepted_at=at, accepted_late=late)

    def fail(self, at: int) -> None:
        row = self.tell(K.ACCEPTANCE_FAILED, at, organisation=self.office, reason="复查仍有缺陷")
        self._step(
            K.ACCEPTANCE_FAILED, at, row,
            state=State.RECTIFYING, accepted_at=0, accepted_late=False,
        )  # fmt: skip

    def close(self, at: int) -> None:
        row = self.tell(K.CLOSED, at, organisation=self.office)
        self._step(K.CLOSED, at, row, state=State.CLOSED)

    def close_too_early(self, at: int) -> Row:
        """Closing told before what it rests on: it waits for acceptance or delisting."""
        return self.tell(K.CLOSED, at, organisation=self.office)

    def closed_by(self, waiting: Row) -> None:
        """What an early closing waited for has just come."""
        self._step(K.CLOSED, self.at, waiting, state=State.CLOSED)
        self.scene.note(waiting, "pending_then_applied")

    def reopen(self, at: int, days: int | None = None) -> None:
        due = self.due_in(self.default_days() if days is None else days, at)
        named = None if days is None else due.isoformat()
        row = self.tell(
            K.REOPENED, at, organisation=self.office, reason="回头看发现反弹", due_date=named
        )
        end = self.scene.clock.end_of(due)
        self._step(
            K.REOPENED, at, row,
            state=State.ASSIGNED, due_at=end, original_due_at=end,
            accepted_at=0, accepted_late=False,
        )  # fmt: skip

    # -- exits and turns -----------------------------------------------------------------------

    def merge(self, at: int, target: str, via: str = "", reason: str = "") -> None:
        row = self.tell(K.MERGED, at, via, target=target, reason=reason)
        self._step(K.MERGED, at, row, state=State.MERGED)

    def transfer(self, at: int) -> None:
        row = self.tell(K.TRANSFERRED, at, organisation=self.office, target="邻县安委办（虚构）")
        self._step(K.TRANSFERRED, at, row, state=State.TRANSFERRED)

    def move(self, at: int, town: str, days: int | None) -> None:
        """To another town, by a second person; a new date only if `days` is given."""
        due = None if days is None else self.due_in(days, at)
        row = self.tell(
            K.MOVED, at, town_code=town, second_person=words.person(self.rng),
            organisation=self.office, due_date=due.isoformat() if due else None,
        )  # fmt: skip
        changes = {"due_at": self.scene.clock.end_of(due)} if due else {}
        self._step(K.MOVED, at, row, town=town, **changes)

    def extension(self, at: int, days: int) -> dict[str, Value]:
        asked = at - 2 * HOUR_MS
        due = self.scene.clock.day(self.now.due_at - 1) + timedelta(days=days)
        return {
            "reason": "配件订货周期长",
            "second_person": words.person(self.rng),
            "interim_control": "停用设备并挂牌",
            "organisation": self.office,
            "due_date": due.isoformat(),
            "asked_at": asked,
        }

    def extend(self, at: int, days: int, asked_before_days: int = 0) -> None:
        fields = self.extension(at, days)
        fields["asked_at"] = at - asked_before_days * DAY_MS - HOUR_MS
        row = self.tell(K.EXTENDED, at, more=fields)
        due = self.scene.clock.end_of(date.fromisoformat(str(fields["due_date"])))
        self._step(K.EXTENDED, at, row, due_at=due)

    def upgrade(self, at: int) -> None:
        """General turns out to be major: back to assigned, the date stays."""
        row = self.tell(K.SEVERITY_CHANGED, at, severity="major", organisation=self.office)
        self._step(
            K.SEVERITY_CHANGED, at, row, severity=Severity.MAJOR, state=State.ASSIGNED,
            accepted_at=0, accepted_late=False,
        )  # fmt: skip

    # -- listing -------------------------------------------------------------------------------

    def list_(self, at: int, level: ListingLevel, via: str) -> str:
        year, n = self.scene.clock.day(at).year, self.scene.number("list")
        number = f"临安督〔{year}〕{level.name[:2]}{n:03d}号"
        row = self.tell(
            K.LISTED, at, via, listing_number=number, listing_level=level.name.lower(),
            organisation=_committee(level),
        )  # fmt: skip
        self._step(K.LISTED, at, row, level=int(level))
        return number

    def delist(self, at: int, number: str, level: ListingLevel, via: str) -> None:
        row = self.tell(
            K.DELISTED, at, via, listing_number=number, listing_level=level.name.lower(),
            organisation=_committee(level),
        )  # fmt: skip
        self._step(K.DELISTED, at, row, level=0)
