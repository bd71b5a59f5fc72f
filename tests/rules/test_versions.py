"""Which rows say something new: revisions by sent time, whatever else is known of them."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from rules.versions import KNOWN, NEW, RESUMED, classify

COLUMNS = ["record", "source_id", "sent_at", "row_digest", "delivery"]


def frame(*rows: tuple[Any, ...], delivery: str) -> pd.DataFrame:
    """Rows of (id, sent, content) as one delivery brought them."""
    made = [("update", source_id, sent, content, delivery) for source_id, sent, content in rows]
    kinds = {c: "int64" if c == "sent_at" else "str" for c in COLUMNS}
    return pd.DataFrame(made, columns=COLUMNS).astype(kinds)


NOTHING = frame(delivery="")


def judged(
    *rows: tuple[Any, ...], known: pd.DataFrame = NOTHING, delivery: str = "d2"
) -> list[int]:
    return classify(frame(*rows, delivery=delivery), known).tolist()


def test_what_nobody_has_told_before_is_new() -> None:
    known = frame(("7", 1, "A"), delivery="d1")
    assert judged(("1", 1, "A"), ("2", 1, "A"), known=known) == [NEW, NEW]
    assert judged(known=known) == []


def test_the_same_row_in_another_delivery_is_known() -> None:
    known = frame(("1", 1, "A"), delivery="d1")
    assert judged(("1", 1, "A"), known=known) == [KNOWN]
    assert judged(("1", 9, "A"), known=known) == [KNOWN]  # told again later, with nothing new


def test_another_digest_sent_later_is_a_new_revision() -> None:
    assert judged(("1", 2, "B"), known=frame(("1", 1, "A"), delivery="d1")) == [NEW]


def test_back_to_what_it_was_is_a_third_revision() -> None:
    known = frame(("1", 1, "A"), ("1", 2, "B"), delivery="d1")
    assert judged(("1", 3, "A"), known=known) == [NEW]
    assert judged(("1", 1, "A"), ("1", 2, "B"), ("1", 3, "A")) == [NEW, NEW, NEW]
    assert judged(("1", 3, "A"), ("1", 1, "A"), ("1", 2, "B")) == [NEW, NEW, NEW]


def test_a_row_sent_before_what_is_known_is_an_older_revision() -> None:
    known = frame(("1", 5, "B"), delivery="d1")
    assert judged(("1", 3, "A"), known=known) == [NEW]
    both = frame(("1", 2, "A"), ("1", 5, "B"), delivery="d1")
    assert judged(("1", 3, "A"), known=both) == [KNOWN]  # the older revision, confirmed


def test_a_row_that_stands_twice_in_a_delivery_is_new_once() -> None:
    assert sorted(judged(("1", 1, "A"), ("1", 1, "A"))) == [NEW, KNOWN]


def test_rows_that_this_delivery_brought_before_it_was_interrupted_are_resumed() -> None:
    known = frame(("1", 1, "A"), delivery="d2")
    rows = (("1", 1, "A"), ("1", 2, "B"), ("2", 1, "A"))
    assert judged(*rows, known=known) == [RESUMED, NEW, NEW]
    assert judged(("1", 1, "A"), ("1", 1, "A"), known=known) == [RESUMED, KNOWN]


def test_the_same_id_of_another_record_is_another_row() -> None:
    known = frame(("1", 1, "A"), delivery="d1").assign(record="finding")
    assert judged(("1", 1, "A"), known=known) == [NEW]


@pytest.mark.parametrize("order", [[0, 1], [1, 0]])
def test_of_revisions_sent_at_one_instant_each_is_known_whatever_order_the_store_gives(
    order: list[int],
) -> None:
    """A source without sent times revises a row at the same instant: collecting again is idle."""
    known = frame(("1", 5, "A"), ("1", 5, "B"), delivery="d1").iloc[order]
    assert judged(("1", 5, "A"), ("1", 5, "B"), known=known) == [KNOWN, KNOWN]
    assert judged(("1", 5, "A"), ("1", 5, "B"), known=known, delivery="d1") == [RESUMED, RESUMED]


def _random_rows(rng: np.random.Generator, delivery: str) -> pd.DataFrame:
    """A few revisions each of a few hundred ids."""
    sizes = (rng.integers(0, 300, 900), rng.integers(1, 5, 900), rng.choice(list("ABC"), 900))
    rows = [(str(i), int(sent), str(content)) for i, sent, content in zip(*sizes, strict=True)]
    return frame(*rows, delivery=delivery)


@pytest.mark.parametrize("seed", range(5))
def test_taking_a_delivery_again_finds_nothing_new(seed: int) -> None:
    rng = np.random.default_rng(seed)
    rows = _random_rows(rng, "d2")
    known = _taken(rows, _taken(_random_rows(rng, "d1"), NOTHING))
    for delivery in ("d2", "d3"):
        again = rows.assign(delivery=delivery).sample(frac=1, random_state=seed, ignore_index=True)
        assert NEW not in classify(again, known)


@pytest.mark.parametrize("seed", range(5))
def test_an_interrupted_delivery_ends_where_an_uninterrupted_one_does(seed: int) -> None:
    """Whole hazards are written, so what was taken is all revisions of some ids."""
    whole = _random_rows(np.random.default_rng(seed), "d1")
    ids = set(whole["source_id"].iloc[:200])
    part = _taken(whole[whole["source_id"].isin(ids)].reset_index(drop=True), NOTHING)
    again = _taken(whole, part)
    assert _as_set(again) == _as_set(_taken(whole, NOTHING))


def _taken(rows: pd.DataFrame, known: pd.DataFrame) -> pd.DataFrame:
    new = np.flatnonzero(classify(rows, known) == NEW)
    return pd.concat([known, rows.iloc[new]], ignore_index=True)


def _as_set(known: pd.DataFrame) -> list[tuple[Any, ...]]:
    return sorted(known[COLUMNS].itertuples(index=False, name=None))
