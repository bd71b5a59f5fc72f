"""Two towns of a tiny county, and what the first one could do to look better.

A script is a list of deliveries (when, findings, updates). `honest()` is a week as it was; the
scripts of `test_gaming` change it as a town would, through the same door.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from rules.periods import week
from schemas.edition import Body
from schemas.period import DAY_MS, HOUR_MS
from tasks.county import County
from tasks.publication.body import build
from tasks.store.engine import reading
from tasks.store.ledger import read_head
from tests.store.tiny import MONDAY, OTHER_TOWN, TOWN, Row, Tiny, finding, iso, life

WEEK = "2025-W10"
NEXT = "2025-W11"
SUNDAY = MONDAY + 6 * DAY_MS
TOLD = SUNDAY + 22 * HOUR_MS  # when the week is told, unless a script says otherwise
LEADER = {"second_person": "副主任孙虚构", "reason": "重新认定"}


@dataclass(frozen=True)
class Delivery:
    at: int
    findings: list[Row]
    updates: list[Row]


Script = list[Delivery]


def rectified(name: str, **fields: str) -> Script:
    """Found on Monday, accepted and closed on Wednesday, told at once."""
    at = MONDAY
    lived = list(life(name, at, due=at + 4 * DAY_MS))
    told = [*lived[:3], *(later(row, 2 * DAY_MS) for row in lived[3:])]
    return [Delivery(at + 2 * DAY_MS + 12 * HOUR_MS, [finding(name, at, **fields)], told)]


def overdue(name: str, to: str = "started", **fields: str) -> Script:
    """Found on Monday, due on Wednesday, under way at the week's end."""
    told = list(life(name, MONDAY, to=to, due=MONDAY + 2 * DAY_MS))
    return [Delivery(MONDAY + 12 * HOUR_MS, [finding(name, **fields)], told)]


def later(row: Row, by: int) -> Row:
    """The same, having happened later."""
    return row | {"happened_at": iso(ms(row) + by), "source_id": f"{row['source_id']}+{by}"}


def ms(row: Row) -> int:
    return int(datetime.fromisoformat(row["happened_at"]).timestamp() * 1000)


def honest() -> Script:
    """Town: 10 rectified, 5 overdue, 2 major overdue without a plan. The other: 50 and 10."""
    own = [d for i in range(10) for d in rectified(f"T{i}")]
    late = [d for i in range(5) for d in overdue(f"L{i}")]
    majors = [d for i in range(2) for d in overdue(f"M{i}", "assigned", severity="major")]
    there: dict[str, str] = {"town_code": OTHER_TOWN}
    other = [d for i in range(50) for d in rectified(f"O{i}", **there)]
    other += [d for i in range(10) for d in overdue(f"P{i}", **there)]
    return [*own, *late, *majors, *other, _on_friday()]


def _on_friday() -> Delivery:
    """Both sources are pulled on Friday too: who had something to tell could have told it."""
    at = MONDAY + 4 * DAY_MS
    found = finding("Q0", at, town_code=OTHER_TOWN)
    return Delivery(at + 12 * HOUR_MS, [found], list(life("Q0", at, to="assigned")))


def without(script: Script, *names: str) -> Script:
    """As if these hazards had never been told."""
    return [d for d in script if not any(f["source_id"] in names for f in d.findings)]


def then(at: int, *updates: Row) -> Script:
    return [Delivery(at, [], list(updates))]


def play(folder: Path, migrated: Path, script: Script, **policy: Any) -> Tiny:
    """A county to which a script has happened; deliveries of one instant come as one file."""
    folder.mkdir()
    tiny = Tiny.make(folder, migrated, **({"watch": {}} | policy))
    for at in sorted({d.at for d in script}):
        now = [d for d in script if d.at == at]
        findings = [row for d in now for row in d.findings]
        tiny.bring(at, findings, [row for d in now for row in d.updates])
    return tiny


def body(county: County, code: str = WEEK) -> Body:
    with reading(county.engine) as connection:
        head = read_head(connection, county.code)
        return build(connection, county, week(code, county.zone), head.seq, {})


_BUILT: dict[tuple[str, str, str], Body] = {}


def _built(county: County, code: str) -> Body:
    """The body of a county whose story is over: built once, asked several times."""
    key = (str(county.engine.url), county.policy.model_dump_json(), code)
    if key not in _BUILT:
        _BUILT[key] = body(county, code)
    return _BUILT[key]


def score(county: County, code: str = WEEK) -> float:
    town = next(t for t in _built(county, code)["towns"] if t["code"] == TOWN)
    assert town["score"] is not None
    return float(town["score"])


def flagged(county: County, code: str = WEEK) -> set[str]:
    """Measures of the first town that raised a flag."""
    watch = _built(county, code).get("watch")
    return {f["measure"] for f in watch["flags"] if f["unit"] == TOWN} if watch else set()


def without_rule(county: County, measure: str) -> County:
    """The same county whose policy lets this measure pass."""
    assert county.policy.watch is not None
    rules = tuple(r for r in county.policy.watch.rules if r.of != measure)
    assert len(rules) == len(county.policy.watch.rules) - 1
    watch = county.policy.watch.model_copy(update={"rules": rules})
    return replace(county, policy=county.policy.model_copy(update={"watch": watch}))


def caught(honest_score: float, county: County, measure: str, flag_week: str = WEEK) -> bool:
    """The town has gained nothing, or the flag says so."""
    return score(county) <= honest_score or measure in flagged(county, flag_week)
