"""A flow meets an operator: a form, an answer, a refusal in words."""

from typing import Any

import pytest

from flows import operating
from flows.forms import ActForm, BackfillForm, BulletinForm, LateForm
from flows.operating import FormRefused, is_refusal
from tasks.acting_values import ActRefused


def test_a_wrong_form_is_refused_in_words_that_name_the_field_and_not_what_was_typed() -> None:
    with pytest.raises(FormRefused) as refused:
        operating._filled(ActForm, {"event": "closed", "actor": "", "reporter_phone": "139000"})
    said = str(refused.value)
    assert "隐患编号: 必填" in said
    assert "操作人（自报）: 不能为空" in said
    assert "reporter_phone: 表单没有这一项" in said
    assert "139000" not in said


@pytest.mark.parametrize(
    ("model", "values", "words"),
    [
        (LateForm, {"sources": []}, "至少填 1 项"),
        (LateForm, {"days": ["第10周"]}, "不是日期"),
        (BulletinForm, {"kind": "daily"}, "不在可选之列"),
        (BackfillForm, {"kinds": ["span"]}, "span 没有可补的往期"),
        (BackfillForm, {"since": "去年"}, "不是日期"),
        (BackfillForm, {"workers": 0}, "不能小于 1"),
    ],
)
def test_every_common_fault_has_its_words(model: Any, values: dict[str, Any], words: str) -> None:
    with pytest.raises(FormRefused, match=words):
        operating._filled(model, values)


def test_our_refusals_are_told_and_other_errors_are_not_dressed_up() -> None:
    assert is_refusal(ActRefused("no_hazard", {"hazard": "x"}))
    assert not is_refusal(KeyError("x"))
    assert not is_refusal(ConnectionError())


def test_a_model_passes_as_it_is() -> None:
    form = BulletinForm(period="2025-W10")
    assert operating._filled(BulletinForm, form) is form
    assert operating._filled(BulletinForm, None) == BulletinForm()
