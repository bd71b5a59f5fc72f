"""A site grows by what changed, is never half there, and says what it cannot make."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from random import Random
from time import sleep
from typing import Any

import pytest
from typer.testing import CliRunner

from flows.cli.main import app
from schemas.settings import Settings
from tasks.county import open_county
from tasks.publication import site_store
from tasks.publication.site_shelf import SiteRefused
from tasks.site import AUDIENCES, build
from tests.house.code import ROOT
from tests.postgresql.ways import PYTHON_PATH
from tests.site.county import WEEKS, Story, files
from tests.store.tiny import Tiny

pytestmark = pytest.mark.timeout(300)


def _sites(home: Path) -> dict[str, dict[str, bytes]]:
    return {name: files(home / name) for name in ("site", "site-internal")}


def test_a_site_grown_edition_by_edition_is_the_one_built_at_once(
    story: Story, copied: Story
) -> None:
    for audience in AUDIENCES:
        build(copied.county, audience)
    ours, theirs = _sites(copied.county.home), _sites(story.county.home)
    assert ours == theirs
    assert len(ours["site"]) > 100


def test_only_what_an_edition_changes_is_made_again(story: Story) -> None:
    reports = story.reports["public"]
    assert [r.editions for r in reports] == [1, 2, 3, 3, 4]
    unseen = reports[WEEKS.index("2025-W13")]
    assert (unseen.made, unseen.kept) == (0, unseen.pages), "an internal edition changes nothing"
    assert all(r.kept > 0 and r.made + r.kept == r.pages for r in reports[1:])


def test_building_again_makes_nothing_and_moves_nothing(grown: Story) -> None:
    shown = grown.county.home / "site"
    before, inodes = shown.readlink(), {p: p.stat().st_ino for p in shown.rglob("*")}
    again = build(grown.county, "public")
    assert (again.made, again.removed) == (0, 0)
    assert shown.readlink() == before
    assert {p: p.stat().st_ino for p in shown.rglob("*")} == inodes


def test_a_page_that_was_tampered_with_is_made_again(grown: Story) -> None:
    good = files(grown.county.home / "site")
    page = (grown.county.home / "site").resolve() / "proof.html"
    page.write_bytes(b"<html>forged</html>")
    (page.parent / "index.html").unlink()
    assert build(grown.county, "public").made == 2
    assert files(grown.county.home / "site") == good
    assert len(list((grown.county.home / ".sites" / "public").iterdir())) == 1


def test_a_page_that_no_edition_has_any_more_is_gone(grown: Story) -> None:
    root = (grown.county.home / "site").resolve()
    manifest = json.loads((root.parent / "manifest.json").read_bytes())
    (root / "stray.html").write_bytes(b"")
    stray = {"stray.html": ["key", site_store._digest(root / "stray.html")]}
    (root.parent / "manifest.json").write_text(json.dumps(manifest | stray), "utf-8")
    assert build(grown.county, "public").removed == 1
    assert "stray.html" not in files(grown.county.home / "site")


# Which call of which function fails, in a build that makes every page anew.
FAILURES: list[tuple[Any, str, int]] = [
    *((os, "fsync", n) for n in (1, 2, 40, 90)),
    *((Path, "rename", n) for n in (1, 2)),
    (Path, "symlink_to", 1),
]


def test_a_build_that_fails_anywhere_leaves_the_old_site(
    grown: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = files(grown.county.home / "site")
    changed = replace(grown.county, organisation=_renamed(grown))
    for owner, step, n in FAILURES:
        with monkeypatch.context() as patch:
            patch.setattr(owner, step, _failing(getattr(owner, step), n))
            with pytest.raises(OSError, match="no space"):
                build(changed, "public")
        assert files(grown.county.home / "site") == old, (step, n)
    report = build(changed, "public")
    assert report.made > 0
    assert len(list((grown.county.home / ".sites" / "public").iterdir())) == 1, "nothing left over"


def _renamed(story: Story) -> Any:
    """The same organisation under another name: every page is another."""
    organisation = story.county.organisation
    name = organisation.name.model_copy(update={"zh": "虚构市"})
    return organisation.model_copy(update={"name": name})


def _failing(real: Callable[..., Any], n: int) -> Callable[..., Any]:
    left = [n]

    def step(*args: Any, **kwargs: Any) -> Any:
        left[0] -= 1
        if left[0] == 0:
            raise OSError("no space left on device")
        return real(*args, **kwargs)

    return step


BUILDER = """
import sys
from schemas.settings import Settings
from tasks.county import open_county
from tasks.site import build
county = open_county(Settings.load(sys.argv[1], county=sys.argv[2], config_dir=sys.argv[3]))
print("ready", flush=True)
build(county, "public")
"""


def test_a_build_that_is_killed_leaves_the_old_site_or_the_new_one(grown: Story) -> None:
    county, random = grown.county, Random(5)
    old = files(county.home / "site")
    path = county.home.parent / "config" / county.settings.county / "organisation.yaml"
    path.write_text(path.read_text("utf-8").replace("慈溪市", "虚构市"), "utf-8")
    seen = []
    for latest in (0.3, 1):
        killed = _killed(county.home, county.settings.county, random.uniform(0, latest))
        now = files(county.home / "site")
        seen.append(now == old)
        assert now == old or "虚构市".encode() in now["index.html"]
        if not killed:
            break
    settings = {"county": county.settings.county, "config_dir": county.home.parent / "config"}
    renamed = open_county(Settings.load(county.home, **settings))
    build(renamed, "public")
    new = files(county.home / "site")
    assert new.keys() == old.keys()
    pages = [
        c
        for p, c in new.items()
        if p.endswith(".html") and not p.startswith("en/") and "/files/" not in p
    ]
    assert [c for c in pages if "虚构市".encode() not in c] == []
    assert any(seen), "no build was killed in time: nothing was shown"


def _killed(home: Path, county: str, after: float) -> bool:
    command = [sys.executable, "-c", BUILDER, str(home), county, str(home.parent / "config")]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, cwd=ROOT, env=os.environ | {"PYTHONPATH": PYTHON_PATH},
        start_new_session=True,
    )  # fmt: skip
    assert process.stdout is not None
    process.stdout.readline()
    sleep(after)
    ended = process.poll() is not None
    if not ended:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    return not ended


def test_an_edition_that_is_not_what_was_published_refuses_the_site(grown: Story) -> None:
    old = files(grown.county.home / "site")
    path = grown.county.home / "editions" / grown.county.code / "weekly/2025-W10/1/edition.json"
    path.write_bytes(path.read_bytes().replace(b'"found":2', b'"found":1', 1))
    with pytest.raises(SiteRefused, match=r"2025-W10/1/edition\.json is not the file"):
        build(grown.county, "public")
    assert files(grown.county.home / "site") == old


def test_a_folder_that_is_not_ours_is_not_replaced(copied: Story) -> None:
    own = copied.county.home / "site"
    own.mkdir()
    (own / "index.html").write_text("ours")
    with pytest.raises(SiteRefused, match="move it away"):
        build(copied.county, "public")
    assert (own / "index.html").read_text() == "ours"


def test_a_county_without_editions_has_a_site_that_says_so(tiny: Tiny) -> None:
    report = build(tiny.county, "public")
    assert (report.editions, report.made) == (0, report.pages)
    made = files(tiny.county.home / "site")
    assert "目前没有向本页读者公开的通报" in made["index.html"].decode()
    assert {f"{k}.html" for k in ("index", "method", "proof", "listed")} <= set(made)


def test_the_command_builds_both_sites(copied: Story, own_environment: None) -> None:
    home, settings = copied.county.home, copied.county.settings
    config = f'county = "{settings.county}"\nconfig_dir = "{home.parent / "config"}"\n'
    (home / "bihuan.toml").write_text(config, "utf-8")
    result = CliRunner().invoke(app, ["site", "build", "--home", str(home), "--json"])
    assert result.exit_code == 0, result.output
    sites = json.loads(result.stdout)["sites"]
    assert [s["audience"] for s in sites] == ["public", "internal"]
    assert [s["editions"] for s in sites] == [4, 5]
    assert (home / "site" / "index.html").is_file()
