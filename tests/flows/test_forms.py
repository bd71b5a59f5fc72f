from datetime import date
from pathlib import Path

import pytest
from pydantic import ValidationError

from flows import choices, forms
from flows.choices import Choices
from schemas.records import UPDATE
from schemas.settings import Settings
from tasks.acting_values import DATA_FIELDS
from tasks.county import open_county

FORMS = tuple(forms.OF_FLOW.values())
CHOICES = (
    choices.kinds,
    choices.events,
    choices.severities,
    choices.levels,
    choices.endings,
    choices.decisions,
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
    at_once = {
        "CollectForm",
        "SuperviseForm",
        "AuditForm",
        "SealForm",
        "ReconcileForm",
        "NotifyForm",
    }
    changing = [f for f in FORMS if f.__name__ not in at_once]
    assert {f.model_fields["dry_run"].default for f in changing} == {True}


def test_the_act_form_offers_exactly_the_data_that_an_action_can_carry() -> None:
    assert set(forms.DATA_FIELDS) == set(DATA_FIELDS)
    assert set(forms.DATA_FIELDS) < set(UPDATE.names)


def test_an_action_carries_only_what_was_filled_in() -> None:
    form = forms.ActForm(hazard="h", event="closed", actor="张三", reason="整改完毕")
    assert form.data() == {"reason": "整改完毕"}


def test_an_unknown_event_is_refused_and_the_drop_down_lists_the_known_ones() -> None:
    with pytest.raises(ValidationError):
        forms.ActForm(hazard="h", event="vanished", actor="张三")
    offered = forms.ActForm.model_json_schema()["properties"]["event"]["enum"]
    assert choices.events()["assigned"] in offered
    assert len(offered) == len(choices.EVENTS)


@pytest.mark.parametrize("offered", CHOICES)
def test_no_two_choices_have_one_name_and_each_name_gives_its_code(
    offered: choices.Offered,
) -> None:
    names = Choices(offered).names()
    assert len(set(names.values())) == len(names)
    assert not set(names.values()) & set(names), "a name that is a code would be ambiguous"
    assert [Choices(offered).code(name) for name in names.values()] == list(names)


def test_a_name_and_its_code_fill_the_form_alike() -> None:
    by_name = forms.ActForm(hazard="h", event=choices.events()["assigned"], actor="张三")
    assert by_name == forms.ActForm(hazard="h", event="assigned", actor="张三")


def test_a_form_shows_names_where_a_schedule_writes_codes() -> None:
    shown = forms.BulletinForm.shown({"kind": "monthly", "period": ""})
    assert shown == {"kind": choices.kinds()["monthly"], "period": ""}
    described = forms.BulletinForm.model_json_schema()["properties"]["kind"]
    assert described["default"] == choices.kinds()["weekly"]
    assert described["default"] in described["enum"]


def test_what_may_be_left_out_offers_that_first() -> None:
    offered = forms.ActForm.model_json_schema()["properties"]["severity"]
    assert offered["enum"][0] == offered["default"] != ""
    form = forms.ActForm(hazard="h", event="closed", actor="张三", severity=offered["default"])
    assert form.data() == {}


def test_sources_and_towns_are_the_countys_own(home: Path) -> None:
    choices._county.cache_clear()
    try:
        county = open_county(Settings.load(home))
        assert list(choices.sources()) == list(county.sources)
        assert tuple(choices.towns()) == county.organisation.town_codes()
        form = forms.LateForm(sources=[choices.sources()["grid"]])
        assert form.sources == ["grid"]
    finally:
        choices._county.cache_clear()


def test_a_day_that_may_be_left_out_is_a_date_picker_without_a_blank_in_it() -> None:
    due = forms.ApproveForm.model_json_schema()["properties"]["due_on"]
    assert due["format"] == "date"
    assert "default" not in due


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
