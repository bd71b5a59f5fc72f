"""Refusals are told in the reader's language: every reason that code gives has its words."""

import pickle
import re
from collections.abc import Iterator
from string import Formatter

import pytest

from schemas.edition import ObjectionState
from tasks import (
    acting_values,
    auditing,
    deciding,
    listing_file,
    listing_steps,
    listing_values,
    objecting,
    sealing,
    signing,
)
from tasks.province import reading
from tasks.publication.releasing import PublishRefused
from tasks.refusing import Refusal
from tasks.rendering.catalogue import messages
from tests.house.code import ROOT

CLASSES: list[type[Refusal]] = [
    acting_values.ActRefused,
    auditing.AuditRefused,
    deciding.NothingWaits,
    listing_file.CannotPropose,
    listing_steps.NoSuchListing,
    listing_values.NotUnderstood,
    objecting.ObjectionRefused,
    reading.ProvinceRefused,
    PublishRefused,
    sealing.SealRefused,
    signing.SigningRefused,
]
NAMED_BY_CODE = {f"refusal.act.not_{kind}" for kind in ("time", "date", "money")} | {
    f"refusal.objection.was_{state}" for state in ObjectionState if state != ObjectionState.FILED
}


def raised() -> Iterator[str]:
    """Keys of the reasons that are written out in the code."""
    text = "\n".join(path.read_text("utf-8") for path in (ROOT / "tasks").rglob("*.py"))
    for kind in CLASSES:
        for reason in re.findall(rf'\b{kind.__name__}\(\s*"([a-z_]+)"', text):
            yield f"{kind.area}.{reason}"


def test_every_reason_has_its_words_and_no_words_are_left_over() -> None:
    told = {key for key in messages() if key.startswith("refusal.")}
    assert {*raised()} | NAMED_BY_CODE == told


@pytest.mark.parametrize("key", sorted({*raised()} | NAMED_BY_CODE))
def test_both_languages_name_the_same_values(key: str) -> None:
    named = {
        lang: {name for _, name, _, _ in Formatter().parse(words) if name}
        for lang, words in messages()[key].items()
    }
    assert named["zh"] == named["en"]


def test_a_refusal_survives_the_way_from_a_run_to_its_command() -> None:
    made = signing.SigningRefused("no_draft", {"kind": "weekly", "period": "2025-W10"})
    again = pickle.loads(pickle.dumps(made))
    assert (type(again), str(again), again.said("zh")) == (type(made), str(made), made.said("zh"))
    assert "清样" in again.said("zh")
    assert "draft" in str(again)
