"""Why a later edition of a period differs from the one before: how a correction 更正通报 opens.

Says the class, what caused it (submissions that came late, a policy, an upheld objection) and every
unit whose rank or score moved, old → new, with the figures of its own that changed. A unit that
moved although none of its own figures changed was moved by the others. The old edition stays as it
is; late data counts, and the submission stays late (domain §6).
"""

from collections.abc import Iterator, Sequence

from schemas.edition import Body, Edition, RankMove, Revision, Unit
from schemas.vocabulary import RevisionClass

Reason = dict[str, str]


def revision(
    previous: Edition,
    body: Body,
    submissions: Sequence[Reason],
    policy_hash: str,
    corrections: Sequence[Reason] = (),
) -> Revision | None:
    """The note that opens the next edition, or None when nothing that is printed has changed.

    `submissions`: those taken since the previous edition's watermark that touch the period, one
    dict of texts each (source, reporting unit, period, delivery, received_at …), passed on as they
    are. `policy_hash`: the policy the new body was made under. `corrections`: upheld objections.
    """
    if previous["body"] == body:
        return None
    policies = _policies(previous["policy_hash"], policy_hash)
    return Revision(
        revision_class=str(_class(submissions, policies, corrections)),
        previous=previous["edition"],
        reasons=[*corrections, *policies, *submissions],
        moves=moves(previous["body"], body),
    )


def moves(old: Body, new: Body) -> list[RankMove]:
    """Every town, then every sector, whose rank or score changed, in the new body's order."""
    return [
        *moves_of(old["towns"], new["towns"]),
        *moves_of(old["sectors"], new["sectors"]),
    ]


def changed_figures(old: Unit | None, new: Unit | None) -> dict[str, list[str]]:
    """ "scope.split.measure" → [old, new] of every count that differs, in the body's order.

    When no count does, the points ("scope.rate") and deductions (measure) that do: the formula
    changed, not the facts. "" stands for a figure that one of the two editions does not have.
    """
    counts = _differences(dict(_counts(old)), dict(_counts(new)))
    return counts or _differences(_made_of(old), _made_of(new))


def _class(
    submissions: Sequence[Reason], policies: Sequence[Reason], corrections: Sequence[Reason]
) -> RevisionClass:
    """The weightiest cause names the class; what nothing else explains is a recalculation."""
    if corrections:
        return RevisionClass.CORRECTION
    if policies:
        return RevisionClass.POLICY
    return RevisionClass.LATE_DATA if submissions else RevisionClass.RECALCULATION


def _policies(old: str, new: str) -> list[Reason]:
    return [] if old == new else [{"policy_old": old, "policy_new": new}]


def moves_of(old: list[Unit], new: list[Unit]) -> list[RankMove]:
    """Every unit whose rank or score changed, in the new order, then those that are no more."""
    before = {unit["code"]: unit for unit in old}
    after = {unit["code"]: unit for unit in new}
    codes = [*after, *(code for code in before if code not in after)]
    pairs = ((code, before.get(code), after.get(code)) for code in codes)
    return [_move(code, a, b) for code, a, b in pairs if _standing(a) != _standing(b)]


def _move(code: str, old: Unit | None, new: Unit | None) -> RankMove:
    unit = new or old
    if unit is None:
        raise ValueError(f"unit {code} is in neither edition")
    old_rank, old_score = _standing(old)
    new_rank, new_score = _standing(new)
    return RankMove(
        unit=code,
        name=unit["name"],
        old_rank=old_rank,
        new_rank=new_rank,
        old_score=old_score,
        new_score=new_score,
        changed=changed_figures(old, new),
    )


def _standing(unit: Unit | None) -> tuple[int | None, str | None]:
    return (None, None) if unit is None else (unit["rank"], unit["score"])


def _counts(unit: Unit | None) -> Iterator[tuple[str, str]]:
    if unit is None:
        return
    for scope, splits in unit["counts"].items():
        for split, measures in splits.items():
            for measure, count in measures.items():
                yield f"{scope}.{split}.{measure}", str(count)


def _made_of(unit: Unit | None) -> dict[str, str]:
    return {} if unit is None else {**unit["points"], **unit["deductions"]}


def _differences(old: dict[str, str], new: dict[str, str]) -> dict[str, list[str]]:
    keys = dict.fromkeys([*new, *old])
    pairs = {key: [old.get(key, ""), new.get(key, "")] for key in keys}
    return {key: pair for key, pair in pairs.items() if pair[0] != pair[1]}
