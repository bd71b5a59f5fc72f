from datetime import date

import pytest
from pydantic import ValidationError

from flows import forms
from schemas.records import UPDATE
from tasks.acting_values import DATA_FIELDS

FORMS = (
    forms.CollectForm,
    forms.SuperviseForm,
    forms.BulletinForm,
    forms.LateForm,
    forms.ActForm,
    forms.AuditForm,
)


@pytest.mark.parametrize("form", FORMS)
def test_every_field_of_a_form_has_a_title_for_people(form: type[forms.Form]) -> None:
    fields = form.model_json_schema().get("properties", {})
    bare = [name for name, field in fields.items() if field["title"] == name.title()]
    assert bare == []


def test_titles_are_chinese_unless_the_installation_speaks_english() -> None:
    if forms.LANG == "zh":
        assert forms.LateForm.model_fields["dry_run"].title == "试运行"


def test_what_changes_something_for_others_is_a_dry_run_until_the_form_says_otherwise() -> None:
    changing = (forms.BulletinForm, forms.LateForm, forms.ActForm)
    assert [f.model_fields["dry_run"].default for f in changing] == [True, True, True]


def test_the_act_form_offers_exactly_the_data_that_an_action_can_carry() -> None:
    assert set(forms.DATA_FIELDS) == set(DATA_FIELDS)
    assert set(forms.DATA_FIELDS) < set(UPDATE.names)


def test_an_action_carries_only_what_was_filled_in() -> None:
    form = forms.ActForm(hazard="h", event="closed", actor="张三", reason="整改完毕")
    assert form.data() == {"reason": "整改完毕"}


def test_an_unknown_event_is_refused_and_the_drop_down_lists_the_known_ones() -> None:
    with pytest.raises(ValidationError):
        forms.ActForm(hazard="h", event="vanished", actor="张三")
    choices = forms.ActForm.model_json_schema()["properties"]["event"]["enum"]
    assert "assigned" in choices
    assert "registered" not in choices


def test_a_refused_form_does_not_repeat_what_was_typed() -> None:
    with pytest.raises(ValidationError) as refused:
        forms.ActForm(hazard="h", event="closed", actor="张三", reporter_phone="13900000000")
    assert "13900000000" not in str(refused.value)


@pytest.mark.parametrize("week", ["2025-10", "W10", "2025-W1"])
def test_a_week_that_is_none_is_refused_by_the_form(week: str) -> None:
    with pytest.raises(ValidationError):
        forms.BulletinForm(period=week)


def test_the_late_form_takes_any_day() -> None:
    assert forms.LateForm(days=[date(2025, 3, 12)]).sources == ["grid"]
    assert forms.LateForm.model_json_schema()["properties"]["days"]["items"]["format"] == "date"
