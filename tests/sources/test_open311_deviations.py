"""GeoReport v2 as real servers deviate from it, point by point, up to what the mapping makes of it.

The paging, windows, roots and errors that a single pull shows are in test_open311.py.
"""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from schemas.vocabulary import RecordKind
from tasks.county import County
from tasks.intake.collect import SourceReport, collect_source
from tasks.intake.landing import landed
from tasks.intake.mapping import map_rows
from tasks.intake.reading import read_rows
from tasks.sources.base import PullRequest, SourceDown, SourceRefused
from tasks.sources.open311 import pull
from tasks.sources.open311_reply import Receipt, reported, resolved
from tests.house.code import ROOT
from tests.sources.county import NOW, county_of, query, taken

Item = dict[str, Any]
DAY = timedelta(days=1)
HOUR_MS = 3_600_000
TODAY = datetime.fromtimestamp(NOW / 1000, UTC)
KEY = "canary-key-90d1"
SHIPPED = yaml.safe_load((ROOT / "config/cixi/sources/complaints.yaml").read_text("utf-8"))


def item(name: str, days_ago: float = 1, status: Any = "open", **fields: Any) -> Item:
    return {
        "service_request_id": name,
        "status": status,
        "service_code": "industry",
        "service_name": "消防通道",
        "description": f"{name}号厂房通道被堵",
        "requested_datetime": (TODAY - days_ago * DAY).isoformat(),
        "address": "慈溪市掌起镇虚构路1号",
        "address_id": f"P-{name}",
    } | fields


def update(name: str, request: str, status: str, at: str, text: str = "") -> Item:
    return {
        "update_id": name,
        "service_request_id": request,
        "status": status,
        "updated_datetime": at,
        "description": text,
    }


class Desk:
    """A GeoReport server with the deviations that its attributes say."""

    def __init__(self, server: HTTPServer, *, style: str = "json") -> None:
        self.requests: list[Item] = []
        self.updates: list[Item] = []
        self.style = style
        self.ands_filters = True  # the default 90 days also apply to a list of ids
        self.wraps_one = True  # a single request comes in a list
        self.page_size, self.cut = 10_000, 10_000
        self.asked: list[Request] = []
        server.expect_request(f"/v2/requests.{style}").respond_with_handler(self._list)
        server.expect_request(f"/v2/servicerequestupdates.{style}").respond_with_handler(
            self._updates
        )
        server.expect_request(re.compile("/v2/requests/.+")).respond_with_handler(self._one)

    def ids(self) -> list[str]:
        """What was asked for by id, in lists or alone."""
        lists = [r.args["service_request_id"] for r in self.asked if "service_request_id" in r.args]
        alone = [r.path.rpartition("/")[2] for r in self.asked if "/requests/" in r.path]
        return lists + alone

    def _list(self, request: Request) -> Response:
        self.asked.append(request)
        assert request.args.get("jurisdiction_id") != ""
        wanted = request.args.get("service_request_id")
        found = self.requests
        if wanted:
            found = [r for r in found if r["service_request_id"] in wanted.split(",")]
        if self.ands_filters or not wanted:
            found = _within(found, "requested_datetime", request)
        return self._written(self._paged(found[: self.cut], request))

    def _updates(self, request: Request) -> Response:
        self.asked.append(request)
        return self._written(_within(self.updates, "updated_datetime", request))

    def _one(self, request: Request) -> Response:
        self.asked.append(request)
        name = request.path.rpartition("/")[2].rpartition(".")[0]
        found = [r for r in self.requests if r["service_request_id"] == name]
        if not found:
            error = [{"code": 404, "description": "not found"}]
            return Response(json.dumps(error), status=404)
        if not self.wraps_one:
            return Response(json.dumps(found[0]), content_type="application/json")
        return self._written(found)

    def _paged(self, rows: list[Item], request: Request) -> list[Item]:
        start = (int(request.args.get("page", 1)) - 1) * self.page_size
        return rows[start : start + self.page_size]

    def _written(self, rows: list[Item]) -> Response:
        if self.style == "json":
            return Response(json.dumps(rows), content_type="application/json")
        fields = ("".join(f"<{k}>{v or ''}</{k}>" for k, v in row.items()) for row in rows)
        inner = "".join(f"<request>{text}</request>" for text in fields)
        return Response(f"<service_requests>{inner}</service_requests>", content_type="text/xml")


def _within(rows: list[Item], field: str, request: Request) -> list[Item]:
    default = TODAY - 90 * DAY
    start = datetime.fromisoformat(request.args.get("start_date", default.isoformat()))
    end = datetime.fromisoformat(request.args.get("end_date", "2999-01-01T00:00:00Z"))
    if "start_date" in request.args:
        assert end - start <= 90 * DAY
    return [r for r in rows if start <= _moment(r[field]) <= end]


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


@pytest.fixture
def desk(httpserver: HTTPServer) -> Desk:
    return Desk(httpserver)


@pytest.fixture
def request_to(httpserver: HTTPServer, ask: Any) -> Callable[..., PullRequest]:
    def build(cursor: str = "", now: int = NOW, token: str | None = None, **options: Any) -> Any:
        connector = {"type": "open311", "updates": False, "window_days": 90, **options}
        return ask(connector, cursor, now, url=httpserver.url_for("/v2"), token=token)

    return build


def delivered(request: PullRequest) -> tuple[list[Item], str]:
    """(every row of the pull, the cursor after it)."""
    (pulled,) = pull(request)
    rows = [json.loads(p.content) for p in pulled.parts]
    return [
        r for page in rows for r in (page if isinstance(page, list) else [page])
    ], pulled.cursor_after


# 1, 3, 5: open requests are asked for again, by ids that are text


@pytest.mark.parametrize("ands_filters", [True, False])
@pytest.mark.parametrize("wraps_one", [True, False])
def test_open_ids_that_left_the_swept_days_are_asked_for_again_alone_where_a_list_leaves_them_out(
    desk: Desk, request_to: Any, ands_filters: bool, wraps_one: bool
) -> None:
    desk.ands_filters, desk.wraps_one = ands_filters, wraps_one
    desk.requests = [
        item("006", 200), item("0060", 180, "OPEN"), item("7", 150, None),
        item("8", 140, "Closed"), item("9", 1),
    ]  # fmt: skip
    _, cursor = delivered(request_to())
    assert json.loads(cursor)["open"] == ["006", "0060", "7", "9"]
    desk.asked.clear()
    desk.requests[0] |= {"status": "closed", "updated_datetime": TODAY.isoformat()}
    rows, cursor = delivered(request_to(cursor))
    assert desk.ids()[0] == "006,0060,7"
    assert len(desk.ids()) == (4 if ands_filters else 1)
    closed = {r["service_request_id"]: r["status"] for r in rows}
    assert closed == {"006": "closed", "0060": "OPEN", "7": None, "9": "open"}
    assert sorted(json.loads(cursor)["open"]) == ["0060", "7", "9"]


def test_a_request_that_is_gone_stays_open_and_does_not_stop_the_others(
    desk: Desk, request_to: Any
) -> None:
    desk.requests = [item("006", 200), item("7", 180), item("9", 1)]
    _, cursor = delivered(request_to())
    del desk.requests[0]
    rows, cursor = delivered(request_to(cursor))
    assert [r["service_request_id"] for r in rows] == ["9", "7"]
    assert set(json.loads(cursor)["open"]) == {"006", "7", "9"}


def test_so_many_open_ids_are_asked_for_per_pull_and_the_longest_unasked_first(
    desk: Desk, request_to: Any
) -> None:
    desk.ands_filters = False
    desk.requests = [item(f"{n:03d}", 200 - n) for n in range(5)] + [item("new", 1)]
    _, cursor = delivered(request_to())
    asked = []
    for _ in range(3):
        desk.asked.clear()
        _, cursor = delivered(request_to(cursor, repoll_ids=2))
        asked.append(desk.ids())
    assert asked == [["000,001"], ["002,003"], ["004,000"]]


def test_xml_requests_are_asked_for_again_too(httpserver: HTTPServer, request_to: Any) -> None:
    desk = Desk(httpserver, style="xml")
    desk.requests = [item("006", 200), item("9", 1)]
    options = {"format": "xml", "jurisdiction_id": "cixi"}
    (first,) = pull(request_to(**options))
    (second,) = pull(request_to(first.cursor_after, **options))
    assert b"<service_request_id>006<" in b"".join(p.content for p in second.parts)
    assert desk.ids() == ["006", "006.xml"]
    assert {r.args["jurisdiction_id"] for r in desk.asked} == {"cixi"}


def test_with_the_updates_extension_nothing_is_asked_for_again(desk: Desk, request_to: Any) -> None:
    desk.requests = [item("006", 200), item("9", 1)]
    _, cursor = delivered(request_to(updates=True))
    assert cursor == "2025-03-10T00:00:00Z"
    desk.asked.clear()
    delivered(request_to(cursor, updates=True))
    assert desk.ids() == []


# 4: cut and paged at once


@pytest.mark.parametrize("cut", [1000, 300])
def test_a_window_that_is_paged_and_cut_is_halved_as_well(
    desk: Desk, request_to: Any, cut: int
) -> None:
    desk.page_size, desk.cut = 100, cut
    desk.requests = [item(f"{n:04d}", 1 + n / 25) for n in range(1200)]
    rows, _ = delivered(request_to(cut_rows=cut))
    assert len({r["service_request_id"] for r in rows}) == 1200


# 8: errors


@pytest.mark.parametrize(
    ("status", "body", "kind", "reason"),
    [
        (403, '[{"code": 403, "description": "bad key"}]', SourceRefused, "token or token_file"),
        (404, '{"code": 404, "description": "no jurisdiction"}', SourceDown,
         "HTTP 404: 404 no jurisdiction; check .*url.* and the declaration's jurisdiction_id"),
        (404, "", SourceDown, "HTTP 404; check"),
        (500, "<!DOCTYPE html><title>oops</title>", SourceDown, "an HTML page .HTTP 500"),
        (200, "<!DOCTYPE html><title>login</title>", SourceRefused, "an HTML page .HTTP 200"),
        (200, '[{"description": "通道"}]'.encode("gb18030"), SourceRefused, "not UTF-8"),
        (200, '{"error": "down for maintenance"}', SourceDown, "down for maintenance"),
    ],
)  # fmt: skip
def test_errors_in_every_shape_are_reported_with_the_next_step(
    httpserver: HTTPServer, request_to: Any, status: int, body: str | bytes, kind: type, reason: str
) -> None:
    httpserver.expect_request("/v2/requests.json").respond_with_data(body, status=status)
    with pytest.raises(kind, match=reason) as caught:
        list(pull(request_to(token=KEY)))
    assert isinstance(caught.value, SourceRefused) == (kind is SourceRefused)
    assert KEY not in str(caught.value)


# 10: updates


@pytest.mark.parametrize(
    ("cursor", "since"),
    [
        ("2025-03-10T05:00:00Z", "2025-03-10T03:00:00Z"),  # routine: two hours
        ("2025-03-09T23:00:00Z", "2025-03-08T23:00:00Z"),  # the first pull of a day catches up
        ("2025-03-01T12:00:00Z", "2025-02-28T12:00:00Z"),  # and so does one after a pause
    ],
)
def test_a_routine_pull_overlaps_two_hours_and_a_catch_up_twenty_four(
    desk: Desk, request_to: Any, cursor: str, since: str
) -> None:
    list(pull(request_to(cursor, NOW + 7 * HOUR_MS, updates=True)))
    assert {r.args["start_date"] for r in desk.asked} == {since}


# through the shipped mapping and the ledger


STATUSES = {
    "investigating": "verified",
    "action_scheduled": "assigned",
    "in_progress": "started",
    "fixed": "submitted",
    "no_further_action": "rejected",
    "not_councils_responsibility": "transferred",
    "internal_referral": "bounced",
}


def said(status: str, event: str) -> Item:
    """An update of the extension as an event, in whatever case its status is written."""
    return {
        "record": "update",
        "where": [
            {"column": "_kind", "in": ["update"]},
            {"column": "status", "matches": f"(?i)^{status}$"},
        ],
        "fields": {
            "source_id": "update_id",
            "finding_id": "service_request_id",
            "event": {"const": event},
            "happened_at": {"from": "updated_datetime", "time": "iso"},
            "reason": "description",
            "organisation": {"const": "虚构受理中心"},
            "person": {"const": "核查员赵虚构"},
            "sent_at": {"from": "updated_datetime", "time": "iso"},
        },
    }


CLOSED = {
    "record": "update",
    "where": [
        {"column": "_kind", "in": ["request"]},
        {"column": "status", "matches": "(?i)^closed$"},
    ],
    "fields": {
        "source_id": {"from": ["service_request_id", "=closed"], "join": ":"},
        "finding_id": "service_request_id",
        "event": {"const": "closed"},
        "happened_at": {"from": "updated_datetime", "time": "iso"},
    },
}


@pytest.fixture
def county(httpserver: HTTPServer, desk: Desk, tmp_path: Path) -> Callable[..., County]:
    """county(records): one that collects from the desk by these records."""

    def build(records: list[Item], **connector: Any) -> County:
        connector = {"type": "open311", "window_days": 90, **connector}
        return county_of(tmp_path, connector, records, url=httpserver.url_for("/v2"))

    return build


def mapped(county: County) -> dict[RecordKind, pd.DataFrame]:
    declaration = county.sources["feed"]
    rows = read_rows(landed(county.landing, "feed")[-1], declaration)
    return map_rows(rows, declaration, county.organisation)


def collected(county: County, hours: float = 0) -> SourceReport:
    report = collect_source(county, "feed", NOW + int(hours * HOUR_MS))
    assert report.problem == ""
    return report


def test_ids_text_and_blanks_come_through_the_shipped_mapping_as_they_are(
    desk: Desk, county: Any
) -> None:
    desk.requests = [
        item("006", 3, address_id=None, extra=None),
        item("0060", 2, address_id=""),
        item("7", 1),
    ]
    del desk.requests[2]["address_id"]
    made = county(SHIPPED["records"])
    assert collected(made).taken == 3
    found = mapped(made)[RecordKind.FINDING].set_index("source_id")
    assert list(found.index) == ["006", "0060", "7"]
    assert found["place_id"].isna().all()
    assert found.loc["006", "description"] == "006号厂房通道被堵"
    assert set(found["town_code"]) == {"330282104"}
    assert collected(made).appended == 0


def test_a_closed_requests_updated_datetime_is_when_it_was_closed(desk: Desk, county: Any) -> None:
    closed = "2025-03-09T18:30:00+08:00"
    desk.requests = [item("006", 3, "Closed", updated_datetime=closed), item("7", 2)]
    made = county([*SHIPPED["records"], CLOSED])
    collected(made)
    (row,) = mapped(made)[RecordKind.UPDATE].to_dict("records")
    assert row["finding_id"] == "006"
    assert row["happened_at"] == datetime.fromisoformat(closed).timestamp() * 1000


@pytest.mark.parametrize("status", ["closed", "duplicate", "DUPLICATE"])
def test_a_duplicate_request_is_a_merge_and_never_a_rectification(
    desk: Desk, county: Any, status: str
) -> None:
    desk.requests = [item("006", 3), item("007", 2, "closed", status_notes="Duplicate request.")]
    at = "2025-03-09T12:00:00+08:00"
    desk.updates = [update("u1", "007", status, at, "Duplicate request of 006.")]
    made = county(SHIPPED["records"])
    collected(made)
    (row,) = mapped(made)[RecordKind.UPDATE].to_dict("records")
    assert (row["event"], row["finding_id"], row["target"]) == ("merged", "007", "006")
    kinds = {kind for (kind,) in query(made, "SELECT kind FROM event WHERE record = 'update'")}
    assert kinds == {"merged"}


@pytest.mark.parametrize(("zone", "taken_rows"), [(None, 1), ("Asia/Shanghai", 2)])
def test_a_time_without_an_offset_is_refused_unless_the_source_declares_a_zone(
    desk: Desk, county: Any, zone: str | None, taken_rows: int
) -> None:
    desk.requests = [item("006", 2), item("7", 1) | {"requested_datetime": "2025-03-08T08:00:00"}]
    finding = SHIPPED["records"][0]
    read = {"from": "requested_datetime", "time": "iso"} | ({"zone": zone} if zone else {})
    times = {"found_at": read, "sent_at": read}
    made = county([finding | {"fields": finding["fields"] | times}], updates=False)
    report = collected(made)
    assert (report.taken, report.refused) == (taken_rows, 2 - taken_rows)
    if zone:
        found = mapped(made)[RecordKind.FINDING].set_index("source_id")
        moment = datetime.fromisoformat("2025-03-08T08:00:00+08:00")
        assert found.loc["7", "found_at"] == moment.timestamp() * 1000
    else:
        assert set(report.refused_by) == {"D002"}


@pytest.mark.parametrize("spelled", [str.upper, str.lower, str.title])
def test_extended_statuses_are_known_in_any_case(
    desk: Desk, county: Any, spelled: Callable[[str], str]
) -> None:
    desk.requests = [item("006", 3)]
    desk.updates = [
        update(f"u{n}", "006", spelled(status), f"2025-03-09T0{n}:00:00+08:00")
        for n, status in enumerate(STATUSES)
    ]
    made = county([*SHIPPED["records"], *(said(s, e) for s, e in STATUSES.items())])
    collected(made)
    assert list(mapped(made)[RecordKind.UPDATE]["event"]) == list(STATUSES.values())


def test_an_update_that_comes_in_two_pulls_is_taken_once_by_its_id(desk: Desk, county: Any) -> None:
    desk.requests = [item("006", 3)]
    made = county([*SHIPPED["records"], said("investigating", "verified")])
    desk.updates = [update("u1", "006", "investigating", "2025-03-09T23:00:00+00:00")]
    assert collected(made).taken == 2
    later = [update("u2", "006", "in_progress", "2025-03-10T00:30:00+00:00")]
    desk.updates += later
    desk.requests.append(item("7", 0))
    again = collected(made, 1)
    assert (again.known, again.refused) == (1, 1)  # u1 again, and a status that no record takes
    assert [r[1] for r in taken(made) if r[0] == "update"] == ["u1"]


def test_an_update_older_than_what_is_known_is_kept_and_changes_nothing(
    desk: Desk, county: Any
) -> None:
    desk.requests = [item("006", 3)]
    made = county([*SHIPPED["records"], said("investigating", "verified")])
    desk.updates = [update("u1", "006", "investigating", "2025-03-09T23:40:00+00:00", "第二次核查")]
    collected(made)
    standing = (
        "SELECT state, accepted_at, due_at, claimed_from FROM hazard_span WHERE seq_to > 4e18"
    )
    before, events = query(made, standing), len(taken(made))
    desk.updates = [update("u1", "006", "investigating", "2025-03-09T23:10:00+00:00", "第一次核查")]
    assert collected(made, 1).taken == 1
    assert len(taken(made)) == events + 1
    assert query(made, standing) == before


# 11: replying upstream


def test_a_report_is_posted_as_a_form_with_the_key_and_answered_by_an_id(
    httpserver: HTTPServer, request_to: Any
) -> None:
    httpserver.expect_request("/v2/requests.json", method="POST").respond_with_json(
        [{"service_request_id": "006", "service_notice": "thanks"}], status=201
    )
    request = request_to(token=KEY, jurisdiction_id="cixi")
    assert reported(request, {"service_code": "fire", "description": "通道", "lat": ""}) == Receipt(
        "006"
    )
    (asked, _), *_ = httpserver.log
    assert dict(asked.form) == {
        "jurisdiction_id": "cixi", "service_code": "fire", "description": "通道", "api_key": KEY
    }  # fmt: skip
    assert KEY not in asked.url


def test_a_token_is_resolved_when_the_server_has_numbered_the_request(
    httpserver: HTTPServer, request_to: Any
) -> None:
    httpserver.expect_request("/v2/requests.xml", method="POST").respond_with_data(
        "<service_requests><request><token>t 1</token></request></service_requests>"
    )
    answers = [
        "<token>t 1</token>",
        "<token>t 1</token><service_request_id>006</service_request_id>",
    ]
    for answer in answers:
        httpserver.expect_oneshot_request("/v2/tokens/t 1.xml").respond_with_data(
            f"<service_requests><request>{answer}</request></service_requests>"
        )
    request = request_to(token=KEY, format="xml")
    receipt = reported(request, {"service_code": "fire"})
    assert receipt == Receipt("", "t 1")
    assert resolved(request, receipt.token) == Receipt("", "t 1")
    assert resolved(request, receipt.token).service_request_id == "006"


@pytest.mark.parametrize(
    ("status", "body", "reason"),
    [
        (400, '[{"code": 400, "description": "service_code was not provided"}]', "not provided"),
        (403, "[]", "token or token_file"),
        (200, "[]", "neither an id nor a token"),
        (503, "", "HTTP 503"),
        (307, "", "redirects a POST"),
    ],
)
def test_a_report_that_is_not_accepted_says_why_and_is_sent_once(
    httpserver: HTTPServer, request_to: Any, status: int, body: str, reason: str
) -> None:
    headers = {"Location": "/v2/other"} if status == 307 else {}
    httpserver.expect_request("/v2/requests.json", method="POST").respond_with_data(
        body, status=status, headers=headers, content_type="application/json"
    )
    with pytest.raises(SourceDown, match=reason) as caught:
        reported(request_to(token=KEY), {"service_code": "fire"})
    assert len(httpserver.log) == 1
    assert KEY not in str(caught.value)


def test_nothing_is_reported_without_a_key(httpserver: HTTPServer, request_to: Any) -> None:
    with pytest.raises(SourceRefused, match="token or token_file"):
        reported(request_to(), {"service_code": "fire"})
    assert not httpserver.log
