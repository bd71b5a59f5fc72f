"""A home is backed up while it is used, put back elsewhere, and is the same: on both databases."""

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from flows.cli.main import app
from rules.kinds import period_of
from schemas.period import DAY_MS, HOUR_MS
from schemas.settings import Settings
from schemas.vocabulary import EditionKind
from tasks.auditing import audit
from tasks.backing_up import FILES, MANIFEST, SECRET, NotRestored, back_up, put_back
from tasks.county import database_url, open_county
from tasks.publishing import publish
from tasks.store import dump, parts
from tasks.store.dump import DumpFailed
from tasks.store.engine import open_engine, sqlite_url
from tasks.store.schema import upgrade
from tests.operators.people import LI, enrolled
from tests.store.rows import everything
from tests.store.tiny import MONDAY, SOURCES, Tiny, finding, life
from tools.postgres import client_programs, fresh_database

NOW = MONDAY + 8 * DAY_MS
KEY = "custodian.key"


@pytest.fixture(autouse=True)
def _programs(own_environment: None) -> None:
    """pg_dump and pg_restore are found."""
    os.environ["PATH"] = os.pathsep.join((client_programs(), os.environ["PATH"]))


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of an empty PostgreSQL database, "" for SQLite in the home."""
    if request.param == "sqlite":
        yield ""
        return
    with fresh_database(request.getfixturevalue("_postgres")) as url:
        yield url


@pytest.fixture
def empty(request: pytest.FixtureRequest, address: str) -> str:
    """Another one, to restore into."""
    return str(request.getfixturevalue("postgres_url")) if address else ""


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory, migrated_file: Path, address: str) -> Tiny:
    """A county that took a week, published it, and has an operator; its settings in its file."""
    folder = tmp_path_factory.mktemp("backed-up")
    Tiny.make(folder, migrated_file)
    home = folder / "home"
    (home / KEY).write_text("the custodian should have taken it away")
    if address:
        (home / "bihuan.sqlite").unlink()
    write_settings(home, address)
    made = Tiny.opened(folder)
    upgrade(made.county.engine)
    parts.open_county(made.county.engine, made.county.code)
    enrolled(made.county, LI, MONDAY)
    steps = life("A1", MONDAY + HOUR_MS)
    made.bring(MONDAY + DAY_MS, [finding("A1"), finding("B1", MONDAY + HOUR_MS)], list(steps))
    for source in SOURCES:  # each says anew, once a week, that there is nothing new
        made.collect(source, NOW)
    assert publish(made.county, week(), NOW).is_new
    made.county.engine.dispose()
    return made


def write_settings(home: Path, address: str) -> None:
    root = home.parent
    lines = [f'database_url = "{address}"'] if address else []
    lines += ['county = "reference"', "demo = true", f'config_dir = "{root / "config"}"']
    lines += [f'[sources.{n}]\nfolder = "{root / "drop" / n}"' for n in SOURCES]
    (home / "bihuan.toml").write_text("\n".join(lines), "utf-8")


def week() -> Any:
    return period_of(EditionKind.WEEKLY, "2025-W10", "Asia/Shanghai")


def files(folder: Path) -> dict[str, bytes]:
    return {
        p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()
    }


def test_what_is_restored_is_what_was_backed_up_and_goes_on_from_there(
    tiny: Tiny, tmp_path: Path, empty: str
) -> None:
    before = everything(tiny.county.engine)
    back_up(tiny.county.settings, tmp_path / "copy")
    tiny.bring(NOW, [finding("AFTER", MONDAY + DAY_MS)], [])  # the original goes on
    if empty:
        os.environ["BIHUAN_DATABASE_URL"] = empty
    made = put_back(tmp_path / "copy", tmp_path / "two" / "home")
    county = open_county(Settings.load(tmp_path / "two" / "home"))
    assert everything(county.engine) == before
    assert audit(county).ok
    assert made.schema and county.engine.url.database != tiny.county.engine.url.database
    home, old = county.home, tiny.county.home
    assert files(home / "editions") == files(old / "editions")
    assert (home / "operators.key").read_bytes() == (old / "operators.key").read_bytes()
    assert files(home / "vault") == files(old / "vault")

    again = Tiny(county)
    for source in SOURCES:  # what came before is known, what came after the back-up is taken
        report = again.collect(source, NOW + HOUR_MS)
        assert not report.problem
        assert (report.appended > 0) is (source == "findings"), report
    assert again.query("SELECT count(*) FROM event WHERE source_id = 'AFTER'") == [(1,)]
    for source in SOURCES:
        assert again.collect(source, NOW + 2 * HOUR_MS).appended == 0
    assert audit(county).ok
    county.engine.dispose()


def test_a_store_that_is_written_to_meanwhile_is_copied_as_of_one_moment(
    tiny: Tiny, tmp_path: Path
) -> None:
    engine = tiny.county.engine
    with engine.connect().execution_options(bihuan_writes=True) as connection:
        connection.begin()  # a writer in the middle of its transaction
        connection.exec_driver_sql("UPDATE ledger_head SET seq = seq + 1")
        before = everything(engine)
        folder = tmp_path / "copy"
        back_up(tiny.county.settings, folder)
        connection.rollback()
    if engine.dialect.name == "sqlite":
        copy = open_engine(sqlite_url(folder / dump.SQLITE))
        assert everything(copy) == before
        copy.dispose()
    assert everything(engine) == before


def test_secrets_lie_apart_and_the_custodians_key_nowhere(tiny: Tiny, tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    back_up(tiny.county.settings, folder)
    assert {p.name for p in (folder / SECRET).iterdir()} == {
        "bihuan.toml",
        "operators.key",
        "vault",
    }
    assert not [name for name in files(folder) if "custodian.key" in name]
    key = (tiny.county.home / "operators.key").read_bytes()
    rest = {n: c for n, c in files(folder).items() if not n.startswith(f"{SECRET}/")}
    assert not [name for name, content in rest.items() if key in content]
    assert folder.stat().st_mode & 0o077 == 0


def test_a_back_up_that_is_not_whole_restores_nothing(
    tiny: Tiny, tmp_path: Path, empty: str
) -> None:
    os.environ |= {"BIHUAN_DATABASE_URL": empty} if empty else {}
    good = tmp_path / "good"
    back_up(tiny.county.settings, good)
    known = json.loads((good / MANIFEST).read_text())["digests"]
    landed = next(name for name in known if name.startswith(f"{FILES}/landing/"))
    spoilt = {
        MANIFEST: lambda path: path.unlink(),
        landed: lambda path: path.write_bytes(b"x"),
        f"{FILES}/landing/more": lambda path: path.write_bytes(b"x"),
        next(n for n in known if n.startswith("store.")): lambda path: path.write_bytes(b"x"),
    }
    for name, spoil in spoilt.items():
        bad = tmp_path / "bad"
        shutil.copytree(good, bad)
        spoil(bad / name)
        with pytest.raises(NotRestored, match=MANIFEST if name == MANIFEST else name):
            put_back(bad, tmp_path / "home")
        assert not (tmp_path / "home").exists()
        shutil.rmtree(bad)
    put_back(good, tmp_path / "home")


def test_nothing_is_written_over(tiny: Tiny, tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    back_up(tiny.county.settings, folder)
    with pytest.raises(NotRestored, match="not empty"):
        back_up(tiny.county.settings, folder)
    with pytest.raises(NotRestored, match="not empty"):
        put_back(folder, tiny.county.home)
    if tiny.county.settings.database_url:  # the back-up's own settings name the original
        with pytest.raises(DumpFailed, match="has a ledger already"):
            put_back(folder, tmp_path / "home")
        assert not (tmp_path / "home").exists()


def test_a_password_stands_on_no_command_line(
    tiny: Tiny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not tiny.county.settings.database_url:
        return
    programs = tmp_path / "bin"
    programs.mkdir()
    spy = programs / "pg_dump"
    spy.write_text('#!/bin/sh\necho "$@" >&2\necho "as $PGPASSWORD" >&2\nexit 3\n')
    spy.chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    engine = open_engine(database_url(tiny.county.settings).replace("postgres:@", "li:s3cret@"))
    with pytest.raises(DumpFailed, match="ended with 3") as failed:
        dump.dump(engine, tmp_path)
    said, environment = str(failed.value).split(" as ")
    assert "s3cret" not in said and environment == "s3cret"


def test_the_commands_say_what_they_did_and_what_is_next(
    tiny: Tiny, tmp_path: Path, empty: str
) -> None:
    run, folder = CliRunner().invoke, str(tmp_path / "copy")
    done = run(app, ["backup", folder, "--home", str(tiny.county.home), "--json"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["files"] > 5
    os.environ |= {"BIHUAN_DATABASE_URL": empty} if empty else {}
    new = str(tmp_path / "new")
    done = run(app, ["restore", folder, "--home", new])
    assert done.exit_code == 0, done.output
    assert "bihuan migrate --home" in done.stdout
    for words in (["migrate"], ["audit", "--no-prefect"]):
        done = run(app, [*words, "--home", new, "--json"])
        assert done.exit_code == 0, done.output
    again = run(app, ["backup", folder, "--home", str(tiny.county.home), "--json"])
    assert again.exit_code == 1 and "not empty" in again.stdout
