"""A tiny county in which members of the public reported what was found before, and something else.

R1 and R2 tell of one hazard, in nearly the same words at one place; G1 is the same hazard, found
on patrol. R3 is a hazard of its own, R4 was merged into it by a fact, R5 is only registered.
"""

from typing import Any

from schemas.period import DAY_MS, HOUR_MS
from tasks.entering import prepare
from tests.store.tiny import MONDAY, Row, Tiny, finding, hazard, update

PUBLIC = {"channel": "public_report"}
PLACE = {"place_id": "P1"}
WORDS = "一号厂房消防通道被成品货物堵塞，无法通行"
COLLECTED = MONDAY + 5 * DAY_MS
NOW = MONDAY + 6 * DAY_MS


def on(day: int, hour: int = 9) -> int:
    return MONDAY + day * DAY_MS + hour * HOUR_MS


def report(name: str, at: int = MONDAY, **fields: str) -> Row:
    return finding(name, at, **PUBLIC, **fields)


def accepted(*names: str, day: int = 1) -> list[Row]:
    return [update(n, "report_accepted", on(day)) for n in names]


def told(tiny: Tiny) -> Tiny:
    """The county after its first collect: R1 to R4 are accepted."""
    findings = [
        finding("G1", MONDAY, description=WORDS, **PLACE),
        report("R1", on(0), description=WORDS + "请处理", **PLACE),
        report("R2", on(1, 0), description=WORDS.removesuffix("，无法通行"), **PLACE),
        report("R3", on(0)),
        report("R4", on(0, 10)),
        report("R5", on(2)),
    ]
    merged = update("R4", "merged", on(1, 8), target="R3", reason="重复举报")
    verified = [update(n, "verified", on(1, 10)) for n in ("G1", "R3")]
    tiny.bring(COLLECTED, findings, [*accepted("R1", "R2", "R3", "R4"), merged, *verified])
    return tiny


def kinds(tiny: Tiny, kind: str) -> list[tuple[Any, ...]]:
    """Stream and claimed time of what the store holds of a kind of side step, now."""
    query = f"SELECT stream_id, claimed_at FROM side_step WHERE kind = '{kind}'"
    return sorted(tiny.query(f"{query} AND seq_to > 4000000000000000000"))


def enter(tiny: Tiny, name: str, event: str, at: int, **data: Any) -> int:
    """Something an operator enters on a finding's own stream; money in fen."""
    row = {"stream_id": hazard(name), "event": str(event), "happened_at": at, **data}
    return prepare(tiny.county, "operator", [row], max(at, COLLECTED), "经办员周虚构").commit()
