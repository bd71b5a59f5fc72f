"""The operator guide speaks of every job and of every field of every form, by their own names."""

import re

import pytest
import yaml

from flows.forms import DATA_FIELDS, OF_FLOW
from tasks.rendering.catalogue import messages
from tests.house.code import ROOT

GUIDES = {"zh": "docs/operator-guide.zh-CN.md", "en": "docs/operator-guide.md"}
JOBS = yaml.safe_load((ROOT / "prefect.yaml").read_text("utf-8"))["deployments"]
# What a form's field is called stands under form.<key>; who fills in nothing has no field.
_BY_PROGRAMS = {"notify"}


def _said(lang: str) -> str:
    return (ROOT / GUIDES[lang]).read_text("utf-8").casefold()


def _titles(lang: str) -> set[str]:
    """Titles of all fields, without what stands in brackets; data of an action are its hints."""
    models = (model for name, model in OF_FLOW.items() if name not in _BY_PROGRAMS)
    shown = {
        str(field.title)
        for model in models
        for name, field in model.model_fields.items()
        if name not in DATA_FIELDS
    }
    catalogue = messages()
    keys = [k for k, v in catalogue.items() if k.startswith("form.") and v["zh"] in shown]
    keys += [k for k, v in catalogue.items() if k.startswith("form.") and v["en"] in shown]
    return {re.sub(r"\s*[（(].*[）)]", "", catalogue[k][lang]).casefold() for k in keys}


@pytest.mark.parametrize("lang", GUIDES)
def test_every_job_is_named(lang: str) -> None:
    names = [messages()[f"job.{job['name']}"][lang].casefold() for job in JOBS]
    assert [name for name in names if name not in _said(lang)] == []


@pytest.mark.parametrize("lang", GUIDES)
def test_every_field_of_every_form_is_named(lang: str) -> None:
    titles = _titles(lang)
    assert len(titles) > 20
    assert sorted(title for title in titles if title not in _said(lang)) == []
