"""A declaration that is wrong is told by file, line and path; editors know what may be written."""

from pathlib import Path

import pytest
import yaml

from schemas import json_schema
from schemas.source import SourceDeclaration
from tasks.configuration import ConfigurationError, read, read_sources
from tests.house.code import ROOT

TEXT = """\
name: tips
title: {zh: 线索, en: Tips}
owner: {zh: 示例, en: Example}
connector:
  type: workbook
  name: tips
cadence: continuous
records:
  - record: finding
    fields:
      source_id: id
      town_code: {from: town, town: true}
      sector_code: {const: fire}
      description: text
      severity: {const: general}
      channel: {const: public_report}
      found_at:
        from: found
        time: iso
"""


def fault(folder: Path, written: str, instead: str) -> str:
    """What is said of the text above with one thing replaced."""
    assert TEXT.count(written) == 1
    path = folder / "tips.yaml"
    path.write_text(TEXT.replace(written, instead), "utf-8")
    with pytest.raises(ConfigurationError) as caught:
        read(path, SourceDeclaration)
    said = str(caught.value)
    assert said.startswith(f"{path}: line ")
    assert "at least 1 item" not in said  # what follows from a fault is not told as another
    return said.removeprefix(f"{path}: ")


def test_the_text_is_a_source(tmp_path: Path) -> None:
    (tmp_path / "tips.yaml").write_text(TEXT, "utf-8")
    assert list(read_sources(tmp_path)) == ["tips"]


@pytest.mark.parametrize(
    ("written", "instead", "said"),
    [
        ("cadence:", "cadense:", "line 7 cadense: no such key; did you mean 'cadence'?"),
        ("  name: tips", "  nam: tips", "line 6 connector.nam: no such key; did you mean 'name'?"),
        (
            "        time: iso",
            "        tiem: iso",
            "line 19 records[0].fields.found_at.tiem: no such key; did you mean 'time'?",
        ),
        (
            "{from: town, town: true}",
            "{town: {by: coordinates, latt: a, lon: b}}",
            "line 12 records[0].fields.town_code.town.latt: no such key; did you mean 'lat'?",
        ),
        (
            "    fields:",
            "    wehre: []\n    fields:",
            "records[0].wehre: no such key; did you mean",
        ),
        ("  type: workbook", "  type: workbok", "line 4 connector: Input tag 'workbok'"),
        ("      description:", "      descripton:", "(nearest ['description'])"),
        ("description: text", "description: {from: t, extract: '('}", "is no regular expression"),
        ("description: text", "description: {from: t, extract: 'a'}", "has no group"),
        (
            "source_id: id",
            "source_id: no",
            "line 11 records[0].fields.source_id: Value error, no, yes",
        ),
        (
            "source_id: id",
            "source_id: {from: [no, id], join: a}",
            "put a column of that name in quotes",
        ),
        ("time: iso", "time: iso\n        zone: Asia/Cixi", "line 20 records[0].fields.found_at."),
    ],
)
def test_a_wrong_key_or_value_is_told_with_line_path_and_nearest_name(
    tmp_path: Path, written: str, instead: str, said: str
) -> None:
    assert said in fault(tmp_path, written, instead)


def test_a_key_that_looks_like_none_is_told_with_those_that_are_known(tmp_path: Path) -> None:
    said = fault(tmp_path, "        time: iso", "        qqq: iso")
    assert "no such key; known here: const, date, default, extract, from" in said


def test_the_schema_for_editors_is_that_of_the_models() -> None:
    path = ROOT / "config" / json_schema.FILE
    assert path.read_text("utf-8") == json_schema.text()


SHIPPED = sorted((ROOT / "config").glob("*/sources/*.yaml"))


@pytest.mark.parametrize("path", SHIPPED, ids=lambda p: p.stem)
def test_every_shipped_source_names_the_schema_in_its_first_line(path: Path) -> None:
    first = path.read_text("utf-8").splitlines()[0] + "\n"
    assert first == json_schema.MODELINE
    assert (path.parent / first.partition("$schema=")[2].strip()).resolve().exists()
    assert yaml.safe_load(path.read_text("utf-8"))["name"] == path.stem
