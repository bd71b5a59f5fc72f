"""`bihuan seal` and `bihuan audit --seal`, as they are typed."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from bench.product import COUNTY
from flows.cli.main import app
from tests.house.code import ROOT
from tests.seal.conftest import Office


class Typed:
    """Commands typed into one home."""

    def __init__(self, home: Path, config: Path) -> None:
        self.home, self.env = home, {"BIHUAN_COUNTY": COUNTY, "BIHUAN_CONFIG_DIR": str(config)}

    def __call__(self, *words: str | Path) -> Result:
        command = [*map(str, words), "--home", str(self.home)]
        return CliRunner().invoke(app, command, env=self.env | {"BIHUAN_LANG": "en"})

    def answer(self, *words: str | Path) -> Any:
        done = self(*words, "--json")
        assert done.exit_code == 0, done.output
        return json.loads(done.stdout)


@pytest.fixture
def typed(office: Office, own_environment: None) -> Typed:
    home = office.tiny.county.home
    (home / "bihuan.toml").write_text("", "utf-8")
    return Typed(home, home.parent / "config")


def test_a_seal_is_made_once_listed_and_proves_an_event(typed: Typed, tmp_path: Path) -> None:
    made = typed.answer("seal", "make", "--actor", "封存员孙虚构")
    again = typed.answer("seal", "make")
    assert (made["is_new"], again["is_new"]) == (True, False)
    assert made["seal"] == again["seal"]
    listed = typed.answer("seal", "list")["seals"]
    assert [one["size"] for one in listed][-1] == made["seal"]["size"]
    assert made["seal"]["root"] in typed("seal", "list").stdout
    proved = typed.answer("seal", "prove", "7", tmp_path / "proof.json")
    assert proved["root"] == made["seal"]["root"]
    assert json.loads((tmp_path / "proof.json").read_text("utf-8"))["event"][1] == 7


def test_the_exported_ledger_has_a_line_per_event(typed: Typed, tmp_path: Path) -> None:
    answer = typed.answer("seal", "ledger", tmp_path / "ledger.jsonl")
    first, *events = (tmp_path / "ledger.jsonl").read_bytes().splitlines()
    assert json.loads(first)["size"] == len(events) == answer["events"]


def test_the_verifier_is_written_as_it_is_shipped(typed: Typed, tmp_path: Path) -> None:
    path = tmp_path / "verify.py"
    assert typed.answer("seal", "verifier", path)["file"] == str(path)
    assert path.read_bytes() == (ROOT / "tools" / "verify_ledger.py").read_bytes()


def test_an_audit_says_how_far_the_ledger_is_sealed_and_proven(
    typed: Typed, office: Office
) -> None:
    told = typed("audit", "--no-prefect").stdout
    assert "Events 31 to 38 are not sealed yet (no finding" in told
    assert "No seal that was kept elsewhere was given" in told
    seals = [word for path in office.held for word in ("--seal", str(path))]
    answer = typed.answer("audit", "--no-prefect", *seals)
    assert (answer["ok"], answer["size"], answer["sealed"], answer["held"]) == (True, 38, 30, 30)
    assert "The first 30 are proven by a seal" in typed("audit", "--no-prefect", *seals).stdout


def test_a_seal_that_the_ledger_contradicts_fails_the_audit(
    typed: Typed, office: Office, tmp_path: Path
) -> None:
    seal = json.loads(office.held[0].read_bytes()) | {"root": "0" * 64}
    path = tmp_path / "seal.json"
    path.write_text(json.dumps(seal), "utf-8")
    done = typed("audit", "--no-prefect", "--seal", path, "--json")
    assert done.exit_code == 1
    (found,) = json.loads(done.stdout)["findings"]
    assert found["check"] == "seal"


@pytest.mark.parametrize("content", ["", "[]", '{"size": 1}'])
def test_a_file_that_is_no_seal_is_refused_by_name(
    typed: Typed, tmp_path: Path, content: str
) -> None:
    path = tmp_path / "odd.json"
    path.write_text(content, "utf-8")
    done = typed("audit", "--no-prefect", "--seal", path)
    assert done.exit_code == 1
    assert "odd.json is no seal" in done.stderr
