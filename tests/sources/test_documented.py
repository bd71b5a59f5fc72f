"""docs/connectors.md names every connector, every key and its default, and shows one of each."""

import re
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml
from pydantic import TypeAdapter
from pydantic_core import PydanticUndefined

from schemas.connectors import Access, Connector
from schemas.settings import SourceSettings
from tasks.sources.registry import CONNECTORS

CLASSES = {
    get_args(c.model_fields["type"].annotation)[0]: c for c in get_args(get_args(Connector)[0])
}


@pytest.fixture(scope="module")
def page(root: Path) -> str:
    return (root / "docs" / "connectors.md").read_text("utf-8")


def section(page: str, name: str) -> str:
    found = re.search(rf"^## {name}\b.*?(?=^## |\Z)", page, re.M | re.S)
    assert found, name
    return found[0]


def rows(text: str) -> dict[str, str]:
    """The second column of a table by the key in its first."""
    return dict(re.findall(r"^\| `(\w+)` \| (.*?) \|", text, re.M))


def test_every_connector_has_a_module_and_a_section(page: str) -> None:
    assert sorted(CLASSES) == sorted(CONNECTORS)
    assert set(re.findall(r"^## (\w+):", page, re.M)) == set(CONNECTORS)


@pytest.mark.parametrize("name", CONNECTORS)
def test_every_key_and_its_default_are_documented(page: str, name: str) -> None:
    shown = rows(section(page, name)) | (
        rows(section(page, "Tokens")) if issubclass(CLASSES[name], Access) else {}
    )
    for key, field in CLASSES[name].model_fields.items():
        if key != "type":
            assert said(field.default) in shown[key], key


def said(default: Any) -> str:
    if default is PydanticUndefined:
        return "–"
    return (
        "" if default in (None, "") else str(default).lower() if default is True else str(default)
    )


@pytest.mark.parametrize("name", CONNECTORS)
def test_the_example_of_each_is_valid(page: str, name: str) -> None:
    (block,) = re.findall(r"^```yaml\n(.*?)^```", section(page, name), re.M | re.S)
    made = TypeAdapter(Connector).validate_python(yaml.safe_load(block)["connector"])
    assert made.type == name


def test_every_setting_of_a_source_is_documented(page: str) -> None:
    text = section(page, "Settings of a source")
    shown = {
        k for line in re.findall(r"^\| (`.*?) \|", text, re.M) for k in re.findall(r"`(\w+)`", line)
    }
    assert shown == set(SourceSettings.model_fields)
