"""docs/adding-a-source.md, followed by a newcomer: a fresh home, a sample, a real server."""

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from typer.testing import CliRunner

from flows import runtime
from flows.cli.main import app

PAGE = {
    "items": [
        {
            "id": f"F-{n}",
            "unit": f"虚构五金厂{n}",
            "town": town,
            "category": "消防通道",
            "description": f"{n}号厂房消防通道被货物堵塞",
            "severity": "重大" if n == 2 else "一般",
            "found_at": f"2025-03-1{n}T09:30:00+08:00",
            "updated_at": f"2025-03-1{n}T10:30:00+08:00",
        }
        for n, town in enumerate(("掌起镇", "观海卫镇", "无此镇"), 1)
    ]
}


@pytest.fixture(autouse=True)
def _environment(own_environment: None) -> None:
    """Commands change the environment of their process."""


def typed(home: Path, *words: str) -> str:
    """What a command that must succeed prints."""
    os.environ["BIHUAN_HOME"] = str(home)
    runtime._county.cache_clear()  # each command is a process of its own
    done = CliRunner().invoke(app, [*words, "--home", str(home)])
    assert done.exit_code == 0, done.output
    return str(done.stdout if "--json" in words else done.output)


def told(home: Path, *words: str) -> Any:
    return json.loads(typed(home, *words, "--json"))


def collected(home: Path) -> dict[str, Any]:
    found = told(home, "collect", "--source", "fire", "--no-prefect")
    assert found["degraded"] == []
    return dict(found)


def test_a_source_is_connected_by_following_the_guide(
    tmp_path: Path, httpserver: HTTPServer
) -> None:
    home, sample = tmp_path / "home", tmp_path / "page.json"
    sample.write_text(json.dumps(PAGE), "utf-8")
    typed(home, "init", "--copy-config")
    typed(home, "source", "new", "fire", "--sample", str(sample))
    declared = home / "config" / "cixi" / "sources" / "fire.yaml"
    draft = declared.read_text("utf-8")
    assert "'TODO' is missing" in typed(home, "source", "check", "fire", "--sample", str(sample))

    _mended(declared, draft)
    checked = told(home, "source", "check", "fire", "--sample", str(sample))
    assert (checked["received"], checked["accepted"], checked["refused"]) == (3, 2, 1)

    (home / "tokens").mkdir()
    (home / "tokens" / "fire").write_text("t0ken\n")
    address = f'\n[sources.fire]\nurl = "{httpserver.url_for("")}"\ntoken_file = "tokens/fire"\n'
    with (home / "bihuan.toml").open("a", encoding="utf-8") as file:
        file.write(address)
    httpserver.expect_request("/api/v1/items").respond_with_json(PAGE)
    assert told(home, "source", "check", "fire")["accepted"] == 2
    first, second = collected(home), collected(home)
    assert (first["received"], first["taken"], first["refused"]) == (3, 2, 1)
    assert second["appended"] == 0
    assert told(home, "audit", "--no-prefect")["findings"] == []
    assert "fire" in typed(home, "source", "list")


def _mended(path: Path, draft: str) -> None:
    """What the draft marks TODO, decided as the guide shows."""
    answers = {
        "sector_code: TODO": "sector_code: {const: fire}",
        "channel: TODO": "channel: {const: professional_inspection}",
        "path: /TODO": "path: /api/v1/items",
        "title: {zh: fire, en: fire}": "title: {zh: 消防检查平台, en: Fire inspection platform}",
        "owner: {zh: TODO, en: TODO}": "owner: {zh: 市消防救援大队, en: Fire brigade}",
    }
    for asked, answered in answers.items():
        assert asked in draft
        draft = draft.replace(asked, answered)
    assert re.findall(r"^[^#]*TODO", draft, re.M) == []
    path.write_text(draft, "utf-8")
