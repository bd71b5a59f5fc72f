"""The throwaway PostgreSQL that other tests stand on."""

import psycopg
import sqlalchemy

from tools.postgres import driver_url


def test_each_test_gets_a_database_of_its_own_with_utf8(postgres_url: str) -> None:
    with psycopg.connect(driver_url(postgres_url)) as connection:
        assert connection.execute("SHOW server_encoding").fetchone() == ("UTF8",)
        assert connection.execute(
            "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'"
        ).fetchone() == (0,)


def test_sqlalchemy_reads_the_same_address(postgres_url: str) -> None:
    engine = sqlalchemy.create_engine(postgres_url)
    with engine.connect() as connection:
        assert connection.scalar(sqlalchemy.text("SELECT '隐患'")) == "隐患"
    engine.dispose()
