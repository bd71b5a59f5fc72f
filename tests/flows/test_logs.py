"""The log of a home: whole lines of JSON that name county and run."""

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from prefect.client.schemas.objects import FlowRun
from prefect.context import FlowRunContext

from flows import logs

log = logging.getLogger("flows.of_a_test")


@pytest.fixture(autouse=True)
def _handlers_as_before() -> Iterator[None]:
    before = {name: list(logging.getLogger(name).handlers) for name in logs.OWN}
    yield
    for name, handlers in before.items():
        logging.getLogger(name).handlers = handlers


def told(home: Path) -> list[dict[str, str]]:
    text = (home / "log" / logs.FILE).read_text("utf-8")
    return [json.loads(line) for line in text.splitlines()]


def test_a_line_says_when_who_and_of_which_county(tmp_path: Path) -> None:
    logs.keep_log(tmp_path, "330282")
    log.warning("来源 %s 无应答\n第二行", "grid")
    (line,) = told(tmp_path)
    assert (line["level"], line["logger"], line["county"]) == (
        "WARNING", "flows.of_a_test", "330282",
    )  # fmt: skip
    assert line["message"] == "来源 grid 无应答\n第二行"
    assert line["at"].endswith("+00:00") and "run" not in line


def test_an_error_keeps_its_traceback_in_its_line(tmp_path: Path) -> None:
    logs.keep_log(tmp_path, "330282")
    try:
        raise ValueError("so not")
    except ValueError as error:
        log.error("unexpected", exc_info=error)
    (line,) = told(tmp_path)
    assert line["traceback"].endswith("ValueError: so not")


def test_what_is_said_in_a_run_names_the_run(tmp_path: Path) -> None:
    logs.keep_log(tmp_path, "330282")
    run = FlowRun(flow_id=uuid4(), name="collect-2025-W11")
    with FlowRunContext.model_construct(flow_run=run):
        log.info("taken")
    (line,) = told(tmp_path)
    assert (line["run"], line["run_id"]) == ("collect-2025-W11", str(run.id))


def test_keeping_it_twice_says_nothing_twice(tmp_path: Path) -> None:
    for _ in range(2):
        logs.keep_log(tmp_path, "330282")
    log.info("once")
    assert len(told(tmp_path)) == 1


def test_a_full_file_is_put_aside_when_a_process_begins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logs, "FULL", 10)
    for number in range(5):
        logs.keep_log(tmp_path, "330282")
        log.info("line %d", number)
    kept = {p.name: p.read_text("utf-8") for p in (tmp_path / "log").iterdir()}
    assert sorted(kept) == [logs.FILE, *(f"{logs.FILE}.{n}" for n in (1, 2, 3))]
    assert '"line 4"' in kept[logs.FILE] and '"line 1"' in kept[f"{logs.FILE}.3"]
