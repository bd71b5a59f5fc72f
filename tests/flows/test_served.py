"""Real runs: one `bihuan serve` for the session, a small city beside it, commands against both.

The tests are one story and stand in its order.
"""

import json
import shutil
import time
from base64 import b64decode
from collections.abc import Iterator
from typing import Any

import pytest
import requests
import yaml
from playwright.sync_api import Browser, Page

from flows.deploying import LATE_EVENT
from flows.dropping import emit
from flows.playing import COUNTY
from schemas.site import page as page_of
from tasks.county import open_county
from tests.flows.served import Served, a_city, a_served
from tests.notify.office import DESK, ROUTES, Receiver, receiving

pytestmark = pytest.mark.timeout(900)

MONDAY, AFTER = "2025-03-10T07:30", "2025-03-10T08:05"


@pytest.fixture(scope="module")
def desk() -> Iterator[Receiver]:
    with receiving() as found:
        yield found


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, desk: Receiver) -> Iterator[Served]:
    home = tmp_path_factory.mktemp("served")
    notify = f'\n[notify.{DESK}]\nurls = ["{desk.url}"]\n'
    with a_city(home, notify) as running:
        path = home / "config" / COUNTY / "notify.yaml"
        path.write_text(yaml.safe_dump({"routes": ROUTES}), "utf-8")
        with a_served(home, running) as found:
            yield found


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    opened = browser.new_page(viewport={"width": 1300, "height": 1100})
    opened.set_default_timeout(60_000)
    yield opened
    opened.close()


@pytest.mark.parametrize("flow", ["collect", "supervise", "bulletin", "audit"])
def test_a_cron_deployment_really_gets_scheduled_runs(served: Served, flow: str) -> None:
    until = time.monotonic() + 120
    while time.monotonic() < until:
        runs = served.runs(flow, state={"type": {"any_": ["SCHEDULED"]}})
        if runs:
            assert all(run["auto_scheduled"] for run in runs)
            return
        time.sleep(1)
    pytest.fail(f"{flow} got no scheduled run")


def test_a_scheduled_bulletin_publishes_while_the_form_is_a_dry_run(served: Served) -> None:
    deployments = served.api("deployments/filter", flows={"name": {"any_": ["bulletin"]}})
    assert {d["parameters"]["form"]["dry_run"] for d in deployments} == {True}
    scheduled = served.runs("bulletin", state={"type": {"any_": ["SCHEDULED"]}})
    assert {run["parameters"]["form"]["dry_run"] for run in scheduled} == {False}


def test_run_forms_are_in_chinese_with_dates_and_drop_downs(served: Served) -> None:
    late = served.deployment("late")
    schema = json.dumps(late["parameter_openapi_schema"], ensure_ascii=False)
    assert "补报各周内任意一天" in schema
    assert '"format": "date"' in schema
    assert "网格排查周台账 grid" in schema  # the county's own sources, by their names
    act = json.dumps(served.deployment("act")["parameter_openapi_schema"], ensure_ascii=False)
    assert "验收通过" in act


def test_collect_takes_what_is_there_and_is_seen_as_a_named_run(served: Served) -> None:
    served.pause()
    done = served.bihuan("collect", "--now", MONDAY)
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert {"received", "taken", "refused", "known", "appended"} < set(result)
    assert result["appended"] > 0
    assert result["degraded"] == []
    run = _by_hand(served)
    assert (run["name"], run["state"]["name"]) == ("collect-2025-W11", "Completed")
    assert set(run["tags"]) == {COUNTY, "fictitious"}


def test_collect_again_appends_nothing_even_if_a_source_is_down_and_names_it(
    served: Served,
) -> None:
    served.city.break_("complaints", "html")
    done = served.bihuan("collect", "--now", MONDAY)
    served.city.heal("complaints")
    result = json.loads(done.stdout)
    assert done.returncode == 0
    assert result["appended"] == 0
    assert [d["source"] for d in result["degraded"]] == ["complaints"]
    assert "complaints" in done.stderr
    state = _by_hand(served)["state"]
    assert (state["type"], state["name"]) == ("COMPLETED", "Degraded")
    assert "complaints" in state["message"]


def test_a_week_before_its_cut_off_is_refused_in_one_line(served: Served) -> None:
    done = served.bihuan("bulletin", "weekly", "--week", "2025-W10", "--now", MONDAY)
    assert done.returncode == 1
    assert len(done.stderr.strip().splitlines()) == 1
    assert "cut-off" in json.loads(done.stdout)["error"]


def test_a_bulletin_has_its_stable_keys_and_a_second_run_the_same_files(served: Served) -> None:
    arguments = ("bulletin", "weekly", "--week", "2025-W10", "--now", AFTER)
    first, second = (served.done(*arguments) for _ in range(2))
    keys = {"kind", "period", "edition", "watermark", "policy_hash", "root", "files", "gate"}
    assert keys < set(first)
    assert (first["period"], first["edition"], first["gate"]["ok"]) == ("2025-W10", 1, True)
    assert first["files"] == second["files"]
    assert (first["is_new"], second["is_new"]) == (True, False)
    shown = served.api(
        "artifacts/filter", artifacts={"key": {"any_": ["bulletin-weekly-2025-w10"]}}
    )
    assert first["policy_hash"] in shown[0]["data"]
    keys = [f"bulletin-weekly-2025-w10-{name}" for name in ("ranking", "chart", "docx", "html")]
    shown = served.api("artifacts/filter", artifacts={"key": {"any_": keys}})
    assert {a["key"]: a["type"] for a in shown} == dict(
        zip(keys, ("table", "image", "markdown", "markdown"), strict=True)
    )
    (chart,) = {a["data"] for a in shown if a["type"] == "image"}
    assert b64decode(chart.removeprefix("data:image/svg+xml;base64,")).startswith(b"<svg ")


def test_an_action_is_tried_before_it_is_done(served: Served) -> None:
    done = served.bihuan("act", "hazard:0000000000000000", "verified", "--now", AFTER)
    assert done.returncode == 1
    assert "no hazard" in json.loads(done.stdout)["error"]


def test_a_deployed_run_is_carried_out_by_the_worker_in_this_home(served: Served) -> None:
    state = served.ended(served.start("audit")["id"])
    assert state["type"] == "COMPLETED", state
    assert "条事件" in state["message"]


def test_status_says_who_works_what_ran_and_what_waits(served: Served) -> None:
    told = served.done("status", "--now", AFTER)
    assert told["server"]["up"]
    assert len(told["server"]["workers"]) == 1
    runs = {run["job"]: run for run in told["runs"]}
    assert len(runs) == len(served.api("deployments/filter"))
    assert runs["审计"]["state"] == "Completed"
    assert told["ledger"]["events"] > 0
    late = [s["source"] for s in told["sources"] if s["is_late"]]
    assert late == ["complaints"], "it was down when it was asked last"


def test_the_site_is_served_and_shows_the_edition_to_the_office(served: Served) -> None:
    user, _, password = served.password.partition(":")
    address = f"{served.site}/internal/{page_of('weekly', '2025-W10', 1)}"
    assert requests.get(address, timeout=30).status_code == 401
    shown = requests.get(address, auth=(user, password), timeout=30)
    assert shown.status_code == 200, address
    assert "第1版" in shown.content.decode()


def test_a_wrong_form_fails_the_run_in_words_and_the_duty_desk_is_told(
    served: Served, desk: Receiver
) -> None:
    state = served.ended(served.start("late", {"sources": [], "days": ["第十周"]})["id"])
    assert state["type"] == "FAILED"
    assert "来源: 至少填 1 项" in state["message"]
    assert "不是日期" in state["message"]
    (told,) = served.until(lambda: list(desk.effects.values()))
    assert "运行失败" in json.loads(told)["title"]
    assert "至少填 1 项" in json.loads(told)["text"]


def test_a_late_submission_is_taken_through_the_form_in_the_browser(
    served: Served, page: Page
) -> None:
    _let_automations(served, run=False)
    weeks = served.city.world.weeks
    served.city.advance(weeks.second[0])
    served.stand_at(weeks.second[0])
    before = {run["id"] for run in served.runs("late")}
    _log_in(page, served)
    _fill_late_form(page, served)
    run = served.until(lambda: [r for r in served.runs("late") if r["id"] not in before])[0]
    state = served.ended(run["id"])
    assert state["type"] == "COMPLETED", state
    page.goto(f"{served.url}/runs/flow-run/{run['id']}")
    page.get_by_text("Artifacts", exact=True).first.click()
    page.get_by_text("late-answer").first.click()
    page.get_by_text("下一步").first.wait_for(timeout=30_000)
    assert "第2版" in served.artifact("late-answer")
    user, _, password = served.password.partition(":")
    second = f"{served.site}/internal/{page_of('weekly', '2025-W10', 2)}"
    shown = requests.get(second, auth=(user, password), timeout=30)
    assert shown.status_code == 200
    assert "更正" in shown.content.decode()


@pytest.mark.parametrize("how", ["event", "file"])
def test_a_run_is_started_by_an_event_and_by_a_dropped_file(served: Served, how: str) -> None:
    _let_automations(served, run=True)
    before = {run["id"] for run in served.runs("late")}
    if how == "event":
        county = open_county(served.settings)
        emit(county, f"{served.url}/api", LATE_EVENT, {"source": "grid"})
    else:
        known = sorted(served.city.drop.path.glob("*_2025-W10*"))[0]
        shutil.copy(known, known.with_name(f"{known.stem}_又一份{known.suffix}"))
    run = served.until(lambda: [r for r in served.runs("late") if r["id"] not in before])[0]
    assert run["parameters"]["form"]["sources"] == ["grid"]
    assert run["parameters"]["form"]["dry_run"] is False
    assert served.ended(run["id"])["type"] == "COMPLETED"


def _by_hand(served: Served) -> dict[str, Any]:
    """The last collect that a command ran; the hourly ones of a source are named after it."""
    wanted = {"name": {"any_": ["collect-2025-W11"]}, "state": {"type": {"any_": ["COMPLETED"]}}}
    return served.runs("collect", **wanted)[0]


def _let_automations(served: Served, *, run: bool) -> None:
    """Automations take their place a moment after they are switched on."""
    for each in served.api("automations/filter"):
        served.ask("PATCH", f"automations/{each['id']}", json={"enabled": run})
    time.sleep(2)


def _log_in(page: Page, served: Served) -> None:
    page.goto(f"{served.url}/login?redirect=/deployments")
    page.locator("input").first.fill(served.password)
    page.keyboard.press("Enter")
    page.wait_for_url("**/deployments*", timeout=60_000)


def _fill_late_form(page: Page, served: Served) -> None:
    """The form as an operator fills it: a day, the source that is there already, no dry run."""
    deployment = served.deployment("late")["id"]
    page.goto(f"{served.url}/deployments/deployment/{deployment}/run")
    page.get_by_role("button", name="Add item").first.click()
    page.get_by_text("Select date").click()
    page.locator(".p-date-picker__title-year").click()
    page.get_by_role("button", name="2025", exact=True).click()
    page.locator(".p-date-picker__title-month").click()
    page.get_by_role("button", name="March", exact=True).click()
    days = page.locator(".p-calendar-date-picker__date--in-month")
    days.get_by_text("5", exact=True).click()
    page.get_by_role("button", name="Apply").click()
    page.locator(".p-toggle__control").first.click()
    page.locator(".p-toggle__control--checked").wait_for(state="hidden")
    page.get_by_role("button", name="Submit").click()
