"""Three roles on a real PostgreSQL: what each may do, and that the product runs as the writer."""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import Engine
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from typer.testing import CliRunner

from flows.cli.main import app
from schemas.settings import Settings
from schemas.tables import metadata
from tasks.county import database_url
from tasks.doctoring import CHECKS
from tasks.store import parts, privileges, schema
from tasks.store.engine import open_engine, reading, writing
from tasks.store.guards import APPEND_ONLY
from tests.store.rows import fill
from tests.store.tiny import MONDAY, OTHER_TOWN, Tiny, finding, life

COUNTY = "330282"
HOUR = 3_600_000
run = CliRunner().invoke


@dataclass(frozen=True)
class Office:
    """A database with its three roles, and an address for each."""

    prefix: str
    admin: str

    def url(self, role: str) -> str:
        user = f"{self.prefix}_{role}"
        return make_url(self.admin).set(username=user).render_as_string(hide_password=False)


@pytest.fixture
def office(postgres_url: str) -> Office:
    """Roles first, then the owner's migration, which shares what it makes."""
    made = Office(f"o{uuid4().hex[:12]}", postgres_url)
    admin, owner = open_engine(made.admin), open_engine(made.url("owner"))
    privileges.apply(admin, privileges.roles(admin, made.prefix))
    schema.upgrade(owner)
    parts.open_county(owner, COUNTY)
    assert privileges.grant(owner) == made.prefix
    admin.dispose(), owner.dispose()
    return made


@pytest.fixture
def owner(office: Office) -> Iterator[Engine]:
    yield from _opened(office, "owner")


@pytest.fixture
def writer(office: Office) -> Iterator[Engine]:
    yield from _opened(office, "writer")


@pytest.fixture
def reader(office: Office) -> Iterator[Engine]:
    yield from _opened(office, "reader")


def _opened(office: Office, role: str) -> Iterator[Engine]:
    engine = open_engine(office.url(role))
    yield engine
    engine.dispose()


def did(engine: Engine, *statements: str) -> None:
    with writing(engine) as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
        connection.commit()


def count(engine: Engine, table: str) -> int:
    with reading(engine) as connection:
        return int(connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar() or 0)


FORGERIES = ("UPDATE {t} SET county = '000000'", "DELETE FROM {t}", "TRUNCATE {t}")


def test_the_ledger_refuses_the_writer_by_right_and_its_owner_by_trigger(
    owner: Engine, writer: Engine
) -> None:
    fill(writer, COUNTY)
    for table in APPEND_ONLY:
        before = count(writer, table)
        for forgery in FORGERIES:
            with pytest.raises(DBAPIError, match=f"permission denied for table {table}"):
                did(writer, forgery.format(t=table))
            with pytest.raises(DBAPIError, match=f"{table} is append-only"):
                did(owner, forgery.format(t=table))
        assert count(writer, table) == before > 0


PAST_THE_GUARDS = (
    f"INSERT INTO {parts.SCHEMA}.event_rest SELECT * FROM event",
    f"DELETE FROM {parts.SCHEMA}.event_{COUNTY}",
    "ALTER TABLE event DISABLE TRIGGER ALL",
    "DROP TABLE event",
    "DROP TRIGGER event_no_change ON event",
    "SET session_replication_role = replica",
    "CREATE TABLE mine (x integer)",
    "CREATE OR REPLACE FUNCTION bihuan_append_only() RETURNS trigger"
    " AS 'BEGIN RETURN NEW; END' LANGUAGE plpgsql",
    "UPDATE alembic_version SET version_num = '0001'",
    "TRUNCATE hazard_span",
)


def test_the_writer_can_get_past_no_guard(writer: Engine) -> None:
    fill(writer, COUNTY)
    for statement in PAST_THE_GUARDS:
        with pytest.raises(DBAPIError, match=r"permission denied|must be owner"):
            did(writer, statement)


def test_the_reader_changes_nothing_and_reads_no_secret(writer: Engine, reader: Engine) -> None:
    fill(writer, COUNTY)
    for table in set(metadata.tables) - {"lease"}:
        for statement in (*FORGERIES, "INSERT INTO {t} SELECT * FROM {t}"):
            with pytest.raises(DBAPIError, match="permission denied"):
                did(reader, statement.format(t=table))
        if table in (*privileges.HIDDEN, *privileges.SECRET):
            with pytest.raises(DBAPIError, match="permission denied"):
                did(reader, f"SELECT * FROM {table}")
        else:
            assert count(reader, table) == count(writer, table) > 0


def test_the_reader_sees_who_the_operators_are_and_not_their_secrets(
    writer: Engine, reader: Engine
) -> None:
    fill(writer, COUNTY)
    did(reader, "SELECT county, name, role, retired_at FROM operator")
    with pytest.raises(DBAPIError, match="permission denied"):
        did(reader, "SELECT secret FROM operator")


def test_the_reader_takes_a_sites_lease_and_no_other(writer: Engine, reader: Engine) -> None:
    did(
        writer,
        f"INSERT INTO lease VALUES ('{COUNTY}', 'collect', 1, 'me', 9)",
        f"INSERT INTO lease VALUES ('{COUNTY}', 'site:x', 1, 'me', 9)",
    )
    assert (count(writer, "lease"), count(reader, "lease")) == (2, 1)
    did(reader, "UPDATE lease SET token = 7")
    with reading(writer) as connection:
        told = connection.exec_driver_sql("SELECT name, token FROM lease ORDER BY name").all()
    assert [tuple(r) for r in told] == [("collect", 1), ("site:x", 7)]
    with pytest.raises(DBAPIError, match="row-level security"):
        did(reader, f"INSERT INTO lease VALUES ('{COUNTY}', 'supervise', 1, 'me', 9)")


def test_giving_rights_again_changes_nothing_and_takes_back_what_was_given_by_hand(
    office: Office, owner: Engine, writer: Engine
) -> None:
    did(owner, f"GRANT UPDATE ON event TO {office.prefix}_writer")
    assert privileges.may_rewrite(writer) == ["event"]
    admin = open_engine(office.admin)
    privileges.apply(admin, privileges.roles(admin, office.prefix))
    admin.dispose()
    assert privileges.grant(owner) == office.prefix
    assert privileges.may_rewrite(writer) == []
    assert privileges.grant(writer) == ""


def test_tables_that_an_administrator_made_become_the_owners(postgres_url: str) -> None:
    made = Office(f"o{uuid4().hex[:12]}", postgres_url)
    admin = open_engine(made.admin)
    schema.upgrade(admin)
    parts.open_county(admin, COUNTY)
    fill(admin, COUNTY)
    privileges.apply(admin, privileges.roles(admin, made.prefix))
    owner = open_engine(made.url("owner"))
    schema.downgrade(owner, "0006")
    schema.upgrade(owner)
    assert privileges.grant(owner) == made.prefix
    assert count(owner, "event") > 0
    admin.dispose(), owner.dispose()


def test_nobody_else_may_enter_the_database(office: Office, owner: Engine) -> None:
    stranger = f"s{uuid4().hex[:12]}"
    admin = open_engine(office.admin)
    did(admin, f"CREATE ROLE {stranger} LOGIN")
    admin.dispose()
    url = make_url(office.admin).set(username=stranger)
    with pytest.raises(DBAPIError, match="permission denied for database"):
        did(open_engine(url.render_as_string(hide_password=False)), "SELECT 1")


@pytest.mark.parametrize("prefix", ["", "Bihuan", "a b", "x'; --", "1st", "府"])
def test_a_prefix_that_is_no_plain_name_is_refused(sqlite: Engine, prefix: str) -> None:
    with pytest.raises(ValueError, match="lowercase"):
        privileges.roles(sqlite, prefix)


# -- the product, run as the writer ------------------------------------------------------------


@pytest.fixture
def home(office: Office, tmp_path: Path, migrated_file: Path, own_environment: None) -> Path:
    """A demo home whose database is the office's, as its writer; one week came, and one late."""
    tiny = Tiny.make(tmp_path, migrated_file)
    lines = ['county = "reference"', "demo = true", f'config_dir = "{tmp_path / "config"}"']
    lines += [f'database_url = "{office.url("writer")}"']
    lines += [f'[sources.{n}]\nfolder = "{tmp_path / "drop" / n}"' for n in tiny.county.sources]
    folder = tiny.county.home
    (folder / "bihuan.sqlite").unlink()
    (folder / "bihuan.toml").write_text("\n".join(lines), "utf-8")
    os.environ["BIHUAN_HOME"] = str(folder)
    return folder


def asked(home: Path, *words: str, at: str = "", code: int = 0) -> Any:
    clock = ["--now", at] if at else []
    done = run(app, [*words, *clock, "--json", "--home", str(home)])
    assert done.exit_code == code, (words, done.stdout, done.stderr)
    return json.loads(done.stdout)


def bring(home: Path, name: str, *rows: dict[str, str]) -> None:
    tiny = Tiny.opened(home.parent)
    tiny.drop(name, *rows)
    tiny.county.engine.dispose()


@pytest.mark.timeout(300)
def test_every_flow_runs_as_the_writer_and_the_site_is_built_as_the_reader(
    home: Path, office: Office
) -> None:
    direct = "--no-prefect"
    bring(home, "findings", finding("A1"), finding("B1", MONDAY + HOUR, severity="major"))
    bring(home, "updates", *life("A1", MONDAY + HOUR))
    done = asked(home, "collect", direct, at="2025-03-08T12:00")
    assert not done["degraded"] and done["appended"] > 0, done
    asked(home, "supervise", direct, at="2025-03-09T08:00")
    first = asked(home, "bulletin", "weekly", "--week", "2025-W10", direct, at="2025-03-10T12:00")
    bring(home, "findings", finding("LATE", MONDAY + HOUR, town_code=OTHER_TOWN))
    asked(
        home, "late", "--date", "2025-03-05", "--source", "findings", direct, at="2025-03-11T12:00"
    )
    asked(home, "hazard", "list")
    asked(home, "vault", "status", at="2025-03-11T12:00")
    assert asked(home, "audit", direct)["ok"]
    assert first

    assert CHECKS["rights"](Settings.load(home)) == ("ok", {"tables": ""})
    os.environ["BIHUAN_DATABASE_URL"] = office.url("reader")
    assert database_url(Settings.load(home)) == office.url("reader")
    sites = asked(home, "site", "build")["sites"]
    assert sites[-1]["editions"] >= 1
    assert asked(home, "hazard", "list")


def test_a_migration_is_refused_to_the_writer_in_words(home: Path, office: Office) -> None:
    said = asked(home, "migrate", code=1)["error"]
    assert f"{office.prefix}_owner" in said and "BIHUAN_DATABASE_URL" in said
    os.environ["BIHUAN_DATABASE_URL"] = office.url("owner")
    assert asked(home, "migrate")["changed"] is False
    assert CHECKS["rights"](Settings.load(home))[0] == "warn"


def test_the_command_prints_what_it_would_run_and_runs_it(home: Path, office: Office) -> None:
    os.environ["BIHUAN_DATABASE_URL"] = office.admin
    told = asked(home, "database", "roles", "--prefix", office.prefix)
    assert told["applied"] is False
    printed = run(app, ["database", "roles", "--prefix", office.prefix, "--home", str(home)]).stdout
    assert printed.count(";\n") == len(told["statements"])
    assert "password" not in " ".join(told["statements"]).lower()
    assert asked(home, "database", "roles", "--prefix", office.prefix, "--apply")["applied"]


@pytest.mark.sqlite
def test_sqlite_has_no_roles_and_says_so(home: Path) -> None:
    os.environ["BIHUAN_DATABASE_URL"] = f"sqlite:///{home / 'x.sqlite'}"
    assert "SQLite" in asked(home, "database", "roles", code=1)["error"]


def test_a_password_is_in_no_answer_and_no_log(home: Path) -> None:
    os.environ["BIHUAN_DATABASE_URL"] = "postgresql://li:s3cret@127.0.0.1:9/office"
    for words in (["migrate"], ["collect", "--no-prefect"], ["database", "roles"], ["doctor"]):
        done = run(app, [*words, "--json", "--home", str(home)])
        assert done.exit_code == 1
        assert "127.0.0.1" in done.output, "the server that was asked is named"
        assert "s3cret" not in done.output
    log = (home / "log" / "bihuan.log").read_text("utf-8")
    assert "OperationalError" in log and "s3cret" not in log
