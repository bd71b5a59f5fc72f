import copy

from rules.revision import revision
from rules.scoring import rank_units, rate
from schemas.edition import Body
from tests.rules.bodies import SCORING, edition, valid_body

POLICY = "a" * 64
LATE = {"source": "grid", "unit": "330282003", "period": "2025-W10", "delivery": "c0ffee"}


def _one_more_on_time(body: Body, town: int) -> Body:
    """The town's late ledger: everything due that was not on time turns out to be."""
    changed = copy.deepcopy(body)
    unit = changed["towns"][town]
    counts = unit["counts"]["period"]["all"]
    counts["on_time"] = counts["due"]
    unit["rates"]["period"]["all"]["on_time"] = rate(counts["on_time"], counts["due"])
    changed["towns"] = rank_units(changed["towns"], "towns", SCORING)
    return changed


def test_the_same_body_needs_no_revision() -> None:
    assert revision(edition(valid_body()), valid_body(), [LATE], POLICY) is None


def test_late_data_is_class_r1_and_names_the_submission() -> None:
    old = valid_body()
    note = revision(edition(old, 1), _one_more_on_time(old, 1), [LATE], POLICY)
    assert note is not None
    assert (note["revision_class"], note["previous"]) == ("R1", 1)
    assert note["reasons"] == [LATE]


def test_every_unit_whose_rank_or_score_changed_is_explained_and_no_other() -> None:
    for seed in range(20):
        old = valid_body(seed)
        new = _one_more_on_time(old, 1)
        note = revision(edition(old), new, [LATE], POLICY)
        pairs = list(zip(old["towns"], new["towns"], strict=True))
        standing = ("rank", "score")
        moved = [
            b["code"] for a, b in pairs if [a[k] for k in standing] != [b[k] for k in standing]
        ]
        assert note is not None
        assert [m["unit"] for m in note["moves"]] == moved
        for move in note["moves"]:
            changed = move["changed"]
            assert bool(changed) == (move["unit"] == old["towns"][1]["code"])


def test_a_move_says_old_and_new_of_rank_score_and_figures() -> None:
    old = valid_body()
    new = _one_more_on_time(old, 1)
    note = revision(edition(old), new, [LATE], POLICY)
    assert note is not None
    move = next(m for m in note["moves"] if m["unit"] == "330282003")
    before, after = old["towns"][1], new["towns"][1]
    assert (move["old_rank"], move["new_rank"]) == (before["rank"], after["rank"])
    assert (move["old_score"], move["new_score"]) == (before["score"], after["score"])
    on_time = [str(u["counts"]["period"]["all"]["on_time"]) for u in (before, after)]
    assert move["changed"] == {"period.all.on_time": on_time}


def test_another_policy_is_class_r3_and_shows_the_points_that_changed() -> None:
    old = valid_body()
    heavier = SCORING.model_copy(
        update={
            "towns": tuple(i.model_copy(update={"target": i.target + 7}) for i in SCORING.towns)
        }
    )
    new = copy.deepcopy(old)
    new["towns"] = rank_units(new["towns"], "towns", heavier)
    note = revision(edition(old), new, [LATE], "b" * 64)
    assert note is not None
    assert note["revision_class"] == "R3"
    assert note["reasons"] == [{"policy_old": POLICY, "policy_new": "b" * 64}, LATE]
    assert all("period.on_time" in move["changed"] for move in note["moves"])


def test_what_nothing_explains_is_a_recalculation() -> None:
    old = valid_body()
    note = revision(edition(old, 4), _one_more_on_time(old, 0), [], POLICY)
    assert note is not None
    assert (note["revision_class"], note["previous"], note["reasons"]) == ("R2", 4, [])


def test_an_upheld_objection_is_a_correction() -> None:
    old = valid_body()
    objection = {"reason": "cell found rejected was counted twice"}
    note = revision(edition(old), _one_more_on_time(old, 0), [LATE], POLICY, [objection])
    assert note is not None
    assert note["revision_class"] == "C"
    assert note["reasons"] == [objection, LATE]


def test_a_change_that_moves_nobody_is_still_a_revision() -> None:
    old = valid_body()
    new = copy.deepcopy(old)
    new["unlisted_major"] += 1
    note = revision(edition(old), new, [LATE], POLICY)
    assert note is not None
    assert note["moves"] == []


def test_a_unit_that_came_or_went_is_named() -> None:
    old = valid_body()
    new = copy.deepcopy(old)
    gone = new["towns"].pop(0)
    note = revision(edition(old), new, [], POLICY)
    assert note is not None
    assert [(m["unit"], m["new_rank"]) for m in note["moves"]] == [(gone["code"], None)]
