import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from xml.etree.ElementTree import fromstring

import pytest
import requests

from demo.__main__ import main
from demo.deliveries import deliveries
from demo.feeds import Feeds
from demo.servers.city import City
from demo.world import World, build
from schemas.period import DAY_MS
from schemas.settings import SourceSettings
from schemas.source import SourceDeclaration
from tasks.configuration import read_sources
from tasks.sources.base import Pulled, PullRequest, SourceDown
from tasks.sources.registry import puller


@pytest.fixture(scope="module")
def small() -> World:
    return build(seed=9, weeks=2, hazards=260)


@pytest.fixture
def city(small: World, tmp_path: Path) -> Iterator[City]:
    with City(folder=tmp_path, world=small) as running:
        running.advance(small.weeks.first[0])
        yield running


def ask(city: City, source: str, path: str, **query: str) -> requests.Response:
    settings = city.settings()[source]
    headers = {"Authorization": f"Bearer {settings.get('token')}"}
    return requests.get(settings["url"] + path, params=query, headers=headers, timeout=10)


def iso(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).isoformat()


def test_the_platform_asks_for_its_token(city: City) -> None:
    url = city.settings()["inspection"]["url"] + "/api/v1/feed"
    assert requests.get(url, timeout=10).status_code == 401
    wrong = {"Authorization": "Bearer nobody"}
    assert requests.get(url, headers=wrong, timeout=10).status_code == 401
    assert ask(city, "inspection", "/api/v1/feed").status_code == 200


def test_the_platform_pages_and_an_empty_page_ends_it(city: City) -> None:
    first = ask(city, "registry", "/api/v1/places", page="1", page_size="100").json()
    second = ask(city, "registry", "/api/v1/places", page="2", page_size="100").json()
    assert len(first["items"]) == 100 and first["items"] != second["items"]
    assert "fictitious" in first["notice"]
    assert ask(city, "registry", "/api/v1/places", page="99").json()["items"] == []


def test_the_platform_gives_what_was_updated_since(city: City) -> None:
    whole = ask(city, "inspection", "/api/v1/feed", page_size="1000").json()["items"]
    middle = whole[len(whole) // 2]["updated_at"]
    later = ask(city, "inspection", "/api/v1/feed", page_size="1000", updated_since=middle).json()
    assert later["items"] == [r for r in whole if r["updated_at"] >= middle]
    assert ask(city, "inspection", "/api/v1/feed", updated_since="gestern").status_code == 400


def test_nothing_is_visible_before_it_was_sent(city: City, small: World) -> None:
    before = ask(city, "inspection", "/api/v1/feed", page_size="1000").json()
    city.advance(small.weeks.last)
    after = ask(city, "inspection", "/api/v1/feed", page_size="1000").json()
    assert before["total"] < after["total"]
    with pytest.raises(ValueError, match="cannot go back"):
        city.advance(small.weeks.first[0])


def test_the_desk_speaks_open311_in_json_and_xml(city: City, small: World) -> None:
    window = {"start_date": iso(small.weeks.start(0)), "end_date": iso(small.weeks.end(0))}
    listed = ask(city, "complaints", "/requests.json", **window).json()
    assert listed and len({r["service_request_id"] for r in listed}) == len(listed)
    root = fromstring(ask(city, "complaints", "/requests.xml", **window).content)
    assert root.tag == "service_requests"
    xml_ids = [e.findtext("service_request_id") for e in root]
    assert xml_ids == [r["service_request_id"] for r in listed]
    one = ask(city, "complaints", f"/requests/{xml_ids[0]}.json").json()
    assert one == [listed[0]]
    assert ask(city, "complaints", "/services.json").json()
    code = listed[0]["service_code"]
    assert ask(city, "complaints", f"/services/{code}.xml").ok


def test_the_desks_dates_and_errors_follow_the_specification(city: City, small: World) -> None:
    start = small.weeks.start(0)
    long = {"start_date": iso(start), "end_date": iso(start + 91 * DAY_MS)}
    answer = ask(city, "complaints", "/requests.json", **long)
    assert answer.status_code == 400 and answer.json()[0]["code"] == 400
    missing = ask(city, "complaints", "/requests/none.json")
    assert missing.status_code == 404 and "none" in missing.json()[0]["description"]
    day = {"start_date": iso(start), "end_date": iso(start + DAY_MS)}
    times = [
        r["requested_datetime"] for r in ask(city, "complaints", "/requests.json", **day).json()
    ]
    assert all(
        iso(start)[:10] <= datetime.fromisoformat(t).astimezone(UTC).isoformat()[:10] for t in times
    )


def test_a_duplicate_report_is_closed_with_a_note_and_names_the_other(tmp_path: Path) -> None:
    world = build(3, 4, 1200)
    feeds, now = Feeds(world), world.weeks.last
    updates = [u for u in feeds.updates(0, now, now) if u["status"] == "duplicate"]
    assert updates
    for update in updates:
        request = feeds.request(update["service_request_id"], now)
        assert request is not None
        assert (request["status"], request["status_notes"]) == ("closed", "Duplicate request.")
        target = update["description"].removeprefix("Duplicate request of ").removesuffix(".")
        assert feeds.request(target, now) is not None


def test_reporters_are_obviously_nobody(city: City) -> None:
    for request in ask(city, "complaints", "/requests.json").json():
        assert request["email"].endswith("@example.invalid")
        assert request["phone"].startswith("000-")


def test_the_exchange_database_grows_by_change_number(city: City, small: World) -> None:
    def numbers() -> list[int]:
        with closing(sqlite3.connect(city.exchange.path)) as database:
            return [n for (n,) in database.execute("select change_no from v_selfcheck")]

    before = numbers()
    city.advance(small.weeks.last)
    assert before == list(range(1, len(before) + 1))
    assert numbers()[: len(before)] == before and len(numbers()) > len(before)


@pytest.fixture(scope="module")
def declarations(root: Path) -> dict[str, SourceDeclaration]:
    return read_sources(root / "config" / "cixi" / "sources")


def pulled(city: City, declaration: SourceDeclaration, cursor: str = "") -> list[Pulled]:
    settings = SourceSettings.model_validate(
        city.settings()[declaration.name] | {"timeout_seconds": 1}
    )
    return list(puller(declaration)(PullRequest(declaration, settings, cursor, city.now.ms)))


def test_the_fast_path_gives_the_bytes_that_the_connectors_pull(
    city: City, small: World, declarations: dict[str, SourceDeclaration]
) -> None:
    first = [d for d in deliveries(small) if d.received_at == small.weeks.first[0]]
    for source in ("registry", "inspection", "upper", "selfcheck", "grid"):
        mine = [tuple(p.content for p in d.parts) for d in first if d.source == source]
        theirs = [tuple(p.content for p in d.parts) for d in pulled(city, declarations[source])]
        assert sorted(mine) == sorted(theirs), source


def test_the_fast_path_and_the_servers_agree_on_units_periods_and_nil_returns(
    city: City, small: World, declarations: dict[str, SourceDeclaration]
) -> None:
    first = [d for d in deliveries(small, ("grid",)) if d.received_at == small.weeks.first[0]]
    mine = {(d.reporting_unit, d.period, d.nil_return) for d in first}
    theirs = pulled(city, declarations["grid"])
    assert mine == {(d.reporting_unit, d.period, d.nil_return) for d in theirs}


@pytest.mark.parametrize("source", ["inspection", "complaints", "grid", "selfcheck"])
def test_a_source_that_is_down_says_so_and_heals(
    city: City, declarations: dict[str, SourceDeclaration], source: str
) -> None:
    whole = [p.content for d in pulled(city, declarations[source]) for p in d.parts]
    city.break_(source, "html" if source == "inspection" else "down")
    with pytest.raises(SourceDown):
        pulled(city, declarations[source])
    city.heal(source)
    assert [p.content for d in pulled(city, declarations[source]) for p in d.parts] == whole


def test_a_hanging_source_times_out(city: City, declarations: dict[str, SourceDeclaration]) -> None:
    city.break_("upper", "hang")
    with pytest.raises(SourceDown):
        pulled(city, declarations["upper"])


def test_columns_can_be_renamed_and_files_empty(city: City, small: World) -> None:
    city.break_("inspection", "renamed_column")
    rows = ask(city, "inspection", "/api/v1/feed").json()["items"]
    assert "hazardNo" in rows[0] and "hazard_no" not in rows[0]
    city.break_("grid", "empty")
    city.advance(small.weeks.first[1])
    empty = [p for p in city.drop.path.iterdir() if not p.stat().st_size]
    assert empty
    city.heal("grid")
    assert all(p.stat().st_size for p in empty)
    with pytest.raises(ValueError, match="no source"):
        city.break_("radio", "down")


def test_the_command_line_writes_files_and_says_they_are_fictitious(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert main(["--out", str(out), "--weeks", "2", "--hazards", "60"]) == 0
    assert "fictitious" in capsys.readouterr().out
    assert "FICTITIOUS" in (out / "FICTITIOUS.txt").read_text(encoding="utf-8")
    assert (out / "truth.json").stat().st_size > 1000
    names = {p.suffix for p in out.rglob("grid/*")}
    assert names == {".xlsx", ".csv"}
