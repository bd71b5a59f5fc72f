"""What the desk does with reports from the public: accepted, checked, handled, answered, rewarded.

Promise: told by the complaints desk alone, of every report, whether it found a hazard or found one
again; a reply closes the report and nothing of the hazard. Reports that are put together get the
same answer, each its own. Some wait too long, so that there is something to be late. Nobody who
reported is named: to whom a reward goes is not in any row.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from demo import words
from demo.beside import Aside
from demo.model import MINUTE_MS, NEVER, Hazard, Refind, Step, Value
from demo.scene import Scene
from schemas.vocabulary import FactKind, ReportStep

K = ReportStep
DESK, SERIES = "complaints", "JB"
_REWARDS_YUAN = (200, 300, 500, 1000, 2000)
_DECLINED = {
    "rejected": "线索不清，现场未见所述情形",
    "transferred": "不属安全生产举报受理范围，已告知受理机关",
}
_TRUE = "经核查情况属实，已责令责任单位限期整改，感谢您的监督。"
_UNTRUE = "经现场核查，未发现所反映的问题，感谢您的关注。"
_OUT_OF_SCOPE = "您反映的事项不属本机关受理范围，已转有权处理的机关。"


@dataclass(frozen=True)
class Report:
    """One report: its own number and time, and the hazard that it is about."""

    id: str
    found_at: int
    known: int
    hazard: Hazard
    merged_into: str = ""  # the number of the report that it repeats


def tell_reports(
    scene: Scene, seed: int, hazards: Sequence[Hazard], refinds: Sequence[Refind]
) -> None:
    """Every report of the world, those last that repeat another one."""
    replies: dict[str, tuple[int, str]] = {}
    for report in _reports(scene, hazards, refinds):
        aside = Aside(
            scene, f"{seed}/report/{report.id}", (DESK, report.id), report.found_at, report.known
        )
        told = _Desk(aside, report).live(replies.get(report.merged_into))
        if told:
            replies[report.id] = told


def _reports(scene: Scene, hazards: Sequence[Hazard], refinds: Sequence[Refind]) -> list[Report]:
    by_key = {h.key: h for h in hazards}
    merged = {
        str(row.fields["finding_id"]): str(row.fields["target"])
        for row in scene.ink.rows
        if row.source == DESK and row.fields.get("event") == FactKind.MERGED
    }
    own = [
        Report(h.id, h.found_at, h.steps[0].known, h, merged.get(h.id, ""))
        for h in hazards
        if h.source == DESK
    ]
    again = [
        Report(r.id, r.found_at, r.received, by_key[r.root]) for r in refinds if r.source == DESK
    ]
    # Whoever repeats another report comes after it, so that its answer is known.
    found = sorted([*own, *again], key=lambda r: bool(r.merged_into))
    return [r for r in found if r.known < NEVER]


class _Desk:
    """The desk at work on one report."""

    def __init__(self, aside: Aside, report: Report) -> None:
        self.aside, self.report = aside, report
        town = report.hazard.steps[0].after.town
        self.office = aside.scene.town_name(town) + "应急管理所"

    def live(self, answer: tuple[int, str] | None) -> tuple[int, str] | None:
        """(when it was answered, in what words), if it was."""
        aside = self.aside
        declined = _DECLINED.get(self.report.hazard.story, "")
        if aside.chance(0.03):
            return None  # lies in a drawer
        prompt = aside.chance(0.92)
        taken = aside.after(0.05, 1.2) if prompt else aside.after(4, 7)
        if declined and aside.chance(0.6):
            return self._decline(taken, declined)
        if not self._tell(K.ACCEPTED, taken):
            return None
        if self.report.merged_into:
            return self._like(answer) if answer else None
        return self._work()

    def _like(self, answer: tuple[int, str]) -> tuple[int, str] | None:
        """Put together with another report, and answered like it."""
        at, text = answer
        return self._reply(max(at, self.aside.at) + self.aside.rng.randint(5, 50) * MINUTE_MS, text)

    def _decline(self, at: int, reason: str) -> tuple[int, str] | None:
        if not self._tell(K.DECLINED, at, reason=reason):
            return None
        return self._reply(self.aside.after(0.1, 2), _OUT_OF_SCOPE)

    def _work(self) -> tuple[int, str] | None:
        aside, verified = self.aside, self._step(FactKind.VERIFIED)
        checked = aside.after(0.5, 4) if aside.chance(0.93) else aside.after(9, 14)
        self._tell(K.CHECKED, checked)
        if aside.chance(0.04):
            self._tell(K.SUPERVISED, aside.after(1, 3), reason="久拖未决，挂账督办")
        if aside.chance(0.03):
            self._tell(K.COORDINATED, aside.after(0.5, 2), reason="协调多部门联合核查")
        if self.report.hazard.story == "transferred":
            self._tell(K.TRANSFERRED, aside.after(0.2, 2), target="邻县安委办（虚构）")
        elif aside.chance(0.03):
            self._tell(K.TRANSFERRED, aside.after(0.2, 2), target="市住房和城乡建设局（虚构）")
        elif verified and aside.chance(0.7):
            self._tell(K.HANDLED, aside.after(0.5, 6, verified.at))
        if aside.chance(0.08):
            return None  # not answered yet
        told = self._reply(aside.after(0.2, 4), _TRUE if self._is_true() else _UNTRUE)
        if told and self._is_true() and aside.chance(0.2):
            self._reward()
        return told

    def _reward(self) -> None:
        at = self.aside.after(1, 9, getattr(self._step(FactKind.VERIFIED), "at", 0))
        person = words.person(self.aside.rng)
        self._tell(
            K.REWARDED,
            at,
            amount_fen=self.aside.rng.choice(_REWARDS_YUAN) * 100,
            person=person,
            second_person=words.other_person(self.aside.rng, person),
        )

    def _reply(self, at: int, text: str) -> tuple[int, str] | None:
        return (at, text) if self._tell(K.REPLIED, at, reply=text) else None

    def _tell(self, step: ReportStep, at: int, **fields: Value) -> bool:
        whole = {"organisation": self.office, **fields}
        return self.aside.tell(DESK, SERIES, step.value, at, whole) is not None

    def _step(self, kind: FactKind) -> Step | None:
        return next((s for s in self.report.hazard.steps if s.kind is kind), None)

    def _is_true(self) -> bool:
        """Verified, and not found untrue afterwards."""
        kinds = {s.kind for s in self.report.hazard.steps}
        return FactKind.VERIFIED in kinds and FactKind.REJECTED not in kinds
