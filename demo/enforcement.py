"""What the law does about major hazards: cases, penalties, coercion, police, exposure.

Promise: told by the inspection platform of major hazards that were verified; it moves none of them.
"""

from collections.abc import Sequence

from demo.beside import Aside
from demo.model import MINUTE_MS, NEVER, Hazard, Value
from demo.scene import Scene
from schemas.vocabulary import Enforcement, FactKind, Severity

K = Enforcement
PLATFORM, SERIES = "inspection", "ZF"
_AUTHORITY = "市应急管理综合行政执法队（虚构）"


def enforce(scene: Scene, seed: int, hazards: Sequence[Hazard]) -> None:
    """Enforcement on the world's major hazards, in the order they were found."""
    for hazard in sorted(hazards, key=lambda h: (h.found_at, h.key)):
        major = [s for s in hazard.steps if s.after.severity is Severity.MAJOR]
        verified = [s for s in hazard.steps if s.kind is FactKind.VERIFIED]
        if major and verified and hazard.steps[0].known < NEVER:
            at = max(verified[0].at, major[0].at)
            finding = (hazard.source, hazard.id)
            _prosecute(Aside(scene, f"{seed}/law/{hazard.key}", finding, at, hazard.steps[0].known))


def _prosecute(aside: Aside) -> None:
    if aside.chance(0.06):
        _tell(aside, K.COERCED, aside.after(0.1, 1), reason="查封不具备安全条件的设施")
    if not aside.chance(0.65):
        return
    number = (
        f"临应急立〔{aside.scene.clock.local(aside.at).year}〕{aside.scene.number('case'):03d}号"
    )
    _tell(aside, K.CASE_FILED, aside.after(0.5, 5), target=number, reason="未按规定消除重大隐患")
    if aside.chance(0.8):
        _tell(aside, K.PENALISED, aside.after(4, 18), amount_fen=aside.rng.randint(5, 90) * 100_000)
    if aside.chance(0.05):
        _tell(aside, K.HANDED_TO_POLICE, aside.after(0.5, 4), target="市公安局（虚构）")
    if aside.chance(0.12):
        _tell(aside, K.EXPOSED, aside.after(0.5, 4))


def _tell(aside: Aside, event: Enforcement, at: int, **fields: Value) -> None:
    lag = aside.rng.randint(3, 90) * MINUTE_MS
    aside.tell(PLATFORM, SERIES, event.value, at, {"organisation": _AUTHORITY, **fields}, lag)
