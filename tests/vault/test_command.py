"""`bihuan vault`: exit codes, one JSON object, and the clear text on stdout of `open` only."""

import json
import os
import stat
from pathlib import Path
from typing import Any

import pyotp
import pytest
from typer.testing import CliRunner, Result

from flows.cli.homes import make_home
from flows.cli.main import app
from schemas.settings import Settings
from tasks.doctoring import examine
from tasks.store.vault import SealRequest, Vault
from tasks.store.vault_keys import key_id, public_of, read_key
from tests.operators.people import ACTOR, LI, OFFICE
from tests.vault.reported import NAME, PHONE, PURPOSE

CLEAR = json.dumps([["first_name", NAME], ["phone", PHONE]], ensure_ascii=False).encode()


@pytest.fixture
def home(tmp_path: Path, own_environment: None) -> Path:
    folder = tmp_path / "home"
    make_home(folder, "cixi")
    os.environ["BIHUAN_HOME"] = str(folder)
    return folder


@pytest.fixture
def key(home: Path) -> Path:
    return home.with_name("home.custodian.key")


@pytest.fixture
def token(home: Path) -> str:
    return sealed(home, "25-000017")


@pytest.fixture
def code(home: Path) -> str:
    words = ["operator", "enrol", LI, "--organisation", OFFICE, "--role", "leader", "--json"]
    secret = json.loads(CliRunner().invoke(app, words).stdout)["secret"]
    return pyotp.TOTP(secret).now()


def sealed(home: Path, number: str) -> str:
    request = SealRequest("complaints", number.encode(), CLEAR, number.encode(), 1_741_000_000_000)
    return Vault.open(home / "vault").seal([request])[0]


def run(*words: object) -> Result:
    return CliRunner().invoke(app, ["vault", *map(str, words)])


def said(*words: object, code: int = 0) -> dict[str, Any]:
    """What a command answers with --json, having ended with `code`."""
    result = run(*words, "--json")
    assert result.exit_code == code, result.output
    assert result.stdout.count("\n") == 1
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def with_approval(code: str) -> list[str]:
    return ["--actor", ACTOR, "--approver", LI, "--code", code]


def logged(home: Path) -> str:
    return "".join(p.read_text("utf-8") for p in (home / "log").glob("*") if p.is_file())


def test_a_reporter_is_opened_on_stdout_and_nowhere_else(
    home: Path, key: Path, token: str, code: str
) -> None:
    found = said("open", token, "--key", key, "--purpose", PURPOSE, *with_approval(code))
    assert found["fields"] == [
        {"field": "first_name", "value": NAME},
        {"field": "phone", "value": PHONE},
    ]
    assert (found["token"], found["commitment"], found["approver"]) == (token, "none", LI)
    assert said("status")["opened"] == 1
    for path in home.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert NAME.encode() not in content and PHONE.encode() not in content, path


def test_people_see_it_with_what_the_ledger_says_of_it(
    home: Path, key: Path, token: str, code: str
) -> None:
    words = ("open", f"sealed:{token}", "--key", key, "--purpose", PURPOSE)
    result = run(*words, *with_approval(code))
    assert result.exit_code == 0
    assert NAME in result.stdout and PHONE in result.stdout
    assert "no commitment" in result.stdout and LI in result.stdout
    assert NAME not in result.stderr + logged(home)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"--purpose": f"核实{NAME}"}, "names the reporter"),
        ({"--approver": ACTOR}, "ask another enrolled operator"),
        ({"--code": "12"}, "six digits"),
        ({"--key": "nowhere.key"}, "cannot be read as a key"),
    ],
)
def test_a_refusal_is_one_line_and_shows_nothing(
    home: Path, key: Path, token: str, code: str, change: dict[str, str], reason: str
) -> None:
    options = {"--key": str(key), "--purpose": PURPOSE, "--actor": ACTOR, "--approver": LI}
    options |= {"--code": code} | change
    words = [word for pair in options.items() for word in pair]
    result = run("open", token, *words)
    assert result.exit_code == 1
    assert result.stdout == ""
    assert reason in result.stderr and len(result.stderr.strip().splitlines()) == 1
    assert NAME not in result.stderr.replace(change.get("--purpose", " "), "") + logged(home)
    assert said("status")["opened"] == 0


def test_an_opening_needs_to_be_told_what_for_and_who_approves(token: str, key: Path) -> None:
    assert run("open", token, "--key", key).exit_code == 2
    assert run("open", token, "--key", key, "--purpose", PURPOSE).exit_code == 2
    assert run("erase", token, "--reason", "x").exit_code == 2


def test_a_report_is_found_by_its_number_and_erased(home: Path, token: str, code: str) -> None:
    sealed(home, "25-000018")
    (row,) = said("list", "--report", "complaints:25-000017")["rows"]
    assert (row["token"], row["state"], row["source"]) == (token, "sealed", "complaints")
    assert said("list", "--report", "complaints:99")["rows"] == []
    assert len(said("list", "--source", "complaints")["rows"]) == 2
    assert said("erase", token, "--reason", "保存期满", *with_approval(code))["erased"] == [token]
    (row,) = said("list", "--report", "complaints:25-000017")["rows"]
    assert row["state"] == "erased" and row["erased_at"] > 0
    found = said("status")
    assert (found["sealed"], found["erased"], found["findings"]) == (1, 1, [])
    shown = run("list").stdout
    assert token in shown and "erased 20" in shown and NAME not in shown
    assert run("list", "--report", "25-000017").exit_code == 2


def test_orphans_are_listed_first_and_removed_when_told_to(home: Path, token: str) -> None:
    assert said("sweep") == {"orphans": [token], "removed": False}
    assert said("sweep", "--days", "100000")["orphans"] == []
    assert said("sweep", "--apply") == {"orphans": [token], "removed": True}
    assert said("list")["rows"] == []
    assert "0 orphan" in run("sweep").stdout


def test_status_fails_where_vault_and_ledger_disagree(home: Path, token: str, code: str) -> None:
    said("erase", token, "--reason", "保存期满", *with_approval(code))
    (home / "vault" / "vault.sqlite").unlink()
    assert said("status")["findings"] == [], "what is erased need not be there"
    other = sealed(home, "25-000019")
    Vault.open(home / "vault").erase([other], 1)
    assert "without an event" in said("status", code=1)["findings"][0]
    assert run("status").exit_code == 1


def test_keys_are_made_anywhere_but_in_the_home_and_only_the_public_one_is_shown(
    home: Path, tmp_path: Path, token: str, code: str
) -> None:
    file = tmp_path / "new.key"
    made = said("key", "new", "--out", file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert made["public"] == public_of(read_key(file)).hex()
    assert read_key(file).hex() not in json.dumps(made)
    assert run("key", "new", "--out", file).exit_code == 1, "no key is written over"
    assert "name another place" in run("key", "new", "--out", home / "x.key").stderr
    used = said("key", "use", made["public"], "--reason", "换人", *with_approval(code))
    assert used["key"] == key_id(public_of(read_key(file))) == said("status")["key"]
    assert run("key", "use", "zz", "--reason", "x", "--approver", LI).exit_code == 2
    other = sealed(home, "25-000020")
    assert Vault.open(home / "vault").unseal(read_key(file), other)[0] == CLEAR
    assert "it is needed until they are erased" in run("status").stdout


def test_doctor_warns_of_a_private_key_that_is_still_on_this_machine(home: Path, key: Path) -> None:
    def level() -> str:
        return next(c.level for c in examine(Settings.load(home), "en") if c.name == "vault")

    assert level() == "warn"
    key.rename(home / "custodian.key")
    assert level() == "warn"
    (home / "custodian.key").unlink()
    assert level() == "ok"


def test_a_key_in_the_home_is_warned_of(home: Path, key: Path, token: str, code: str) -> None:
    inside = key.rename(home / "my.key")
    words = ("open", token, "--key", inside, "--purpose", PURPOSE)
    assert "move it away" in run(*words, *with_approval(code)).stderr
