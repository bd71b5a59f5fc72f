"""`bihuan demo` as a newcomer types it: real servers, real flows, figures that are true."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from demo.page import Pager
from demo.truth import Teller
from demo.world import build
from flows.cli.demo import prepared
from flows.cli.output import Output
from flows.playing import Play, run_plain
from tests.truth.bodies import disagreements

pytestmark = pytest.mark.timeout(600)
WORLD = {"seed": 3, "weeks": 2, "hazards": 80}


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    home = tmp_path_factory.mktemp("played") / "demo"
    size = [word for name, n in WORLD.items() for word in (f"--{name}", str(n))]
    done = subprocess.run(
        [Path(sys.executable).parent / "bihuan", "demo", *size, "--home", home, "--json"],
        env={**os.environ, "BIHUAN_LANG": "en", "BIHUAN_COUNTY": "elsewhere"},
        capture_output=True,
        text=True,
        timeout=580,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return home, json.loads(done.stdout)


def test_the_first_edition_of_every_week_says_what_was_true_by_its_cut_off(
    played: tuple[Path, dict[str, Any]],
) -> None:
    home, result = played
    truth = json.loads((home / "city" / "truth.json").read_text("utf-8"))
    assert [week["week"] for week in result["weeks"]] == list(truth["weeks"])
    teller = Teller(build(**WORLD))
    pager, before = Pager(teller), []
    for n, week in enumerate(result["weeks"]):
        path = next(f["path"] for f in week["editions"][0]["files"] if f["path"].endswith(".json"))
        body = json.loads(Path(path).read_text("utf-8"))["body"]
        asked, first = teller.asked(n), teller.world.weeks.first[n]
        assert truth["weeks"][week["week"]]["first"]["counts"] == teller.cut(asked, first)["counts"]
        assert list(disagreements(body, pager, asked, first, before)) == []
        before = [pager.page("weekly", asked, first), *before]


def test_it_ends_with_a_clean_audit_and_pages_to_look_at_that_say_fictitious(
    played: tuple[Path, dict[str, Any]],
) -> None:
    _, result = played
    assert result["ok"] is True
    assert result["fictitious"] is True
    assert result["audit"]["findings"] == []
    page = Path(result["places"]["page"]).read_text("utf-8")
    assert "ictitious" in page


def test_the_demo_leaves_no_server_behind(played: tuple[Path, dict[str, Any]]) -> None:
    home, _ = played
    commands = [_environment(p) for p in Path("/proc").glob("[0-9]*")]
    assert [c for c in commands if str(home).encode() in c] == []


def _environment(process: Path) -> bytes:
    try:
        return (process / "environ").read_bytes()
    except OSError:
        return b""


def test_a_source_that_was_down_one_monday_is_named_and_made_up_for(tmp_path: Path) -> None:
    size = {"seed": 3, "weeks": 1, "hazards": 50}
    with prepared(tmp_path / "demo", Output(), False, True, **size) as city:
        play = Play(city, run_plain, outage="complaints")
        for _ in play.stages():
            pass
    (week,) = play.weeks.values()
    assert week.degraded == ["complaints"]
    taken = [c["sources"][0]["taken"] for c in week.collects if len(c["sources"]) > 1]
    assert taken[0] == 0
    assert taken[1] > 0
    assert play.audit["ok"]
