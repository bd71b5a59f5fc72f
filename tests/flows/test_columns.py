"""What the challenge desk prints: every column has a title, towns and reasons have words."""

from dataclasses import asdict
from typing import Any

import pytest

from flows.cli import objection
from flows.cli.output import Output
from tasks.challenging import Challenge

ITEM = {"number": "grid:A1", "unit_name": "虚构五金厂", "state": "closed", "counts_as": ["found"]}
FACT = {
    "number": "grid:A2",
    "kind": "closed",
    "claimed_at": "2025-03-09T23:00:00+08:00",
    "why": "received_later",
    "reason": "",
    "missing": ["measures"],
}
ROW = {"source": "grid", "line": 3, "source_id": "A3", "codes": ["R001", "D002"]}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_towns_row_is_told_with_all_its_tables(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], language: str
) -> None:
    monkeypatch.setattr(objection, "lang", lambda: language)
    monkeypatch.setattr("flows.cli.words.lang", lambda: language)
    name: Any = {"zh": "虚构镇", "en": "Fictitious Town"}
    found = Challenge(
        "weekly/2025-W10/1", "990099000", name, 2, "50.00", {}, {}, [ITEM], [FACT], [ROW]
    )
    objection._tell(Output(as_json=False), asdict(found), 50)
    told = capsys.readouterr().out
    words = {"zh": ("虚构镇", "措施"), "en": ("Fictitious Town", "measures")}[language]
    for shown in (*words, "990099000", "grid:A1", "grid:A2", "A3", "D002"):
        assert shown in told
