"""The home in which the documents' commands are run: two weeks of a small city, its servers up.

with a_world(folder) as world: reader = world.reader("docs/editions.md", folder)
Every document gets a copy, so that what one does is not seen by another. Words in capitals, and the
names of the documents' examples, stand for what this home has (`Reader.filled`).
"""

import os
import re
import shlex
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml
from typer.testing import CliRunner

from flows import runtime
from flows.cli.homes import make_home, toml, write_toml
from flows.cli.main import app
from flows.cli.session import enter, load_settings
from flows.playing import COUNTY, Play, configure, run_plain, source_sections
from schemas.settings import Settings
from tasks.county import County, open_county
from tests.docs import filling, papers

WEDNESDAY, JUNE = datetime(2025, 3, 19, 6, tzinfo=UTC), datetime(2025, 6, 11, 2, tzinfo=UTC)
# Documents that speak of months; all others stand in the week after the last one.
MONTHS = ("docs/editions.md", "docs/upward.md", "docs/indices.md", "docs/supervision.md")
IN_JUNE = ("README.md", "README.zh-CN.md", *MONTHS)
FROM_NOTHING = ("docs/adding-a-source.md",)  # its first step makes the home
LEADER = "主任李虚构"
PEOPLE = {LEADER: "leader", "李虚构": "leader", "李四": "leader", "赵虚构": "operator"}


@dataclass
class World:
    """The lived home, and the city that goes on answering."""

    home: Path

    def reader(self, page: str, folder: Path) -> "Reader":
        """Somebody who reads this page, in a folder of their own, with a copy of the home."""
        own = Reader(folder, folder / "home", JUNE if page in IN_JUNE else WEDNESDAY)
        papers.lay(own.work, self.home)
        os.environ["BIHUAN_SOURCES__FIRE__FOLDER"] = str(own.work / "drop")
        if page not in FROM_NOTHING:
            self._copy(own)
            if page in IN_JUNE:
                own.must("supervise")
                own.must("bulletin statutory --period 2025-05")
        return own

    def _copy(self, own: "Reader") -> None:
        """The lived home again, and a sheet of actions on a hazard of it."""
        shutil.copytree(self.home, own.home, symlinks=True)
        path = own.home / "bihuan.toml"
        path.write_text(path.read_text("utf-8").replace(str(self.home), str(own.home)), "utf-8")
        papers.actions(own.work, filling.hazard_in(own, "rectifying"))


def _listed(own: "Reader") -> None:
    """Two listings were proposed, one of them is in force."""
    for _ in range(2):
        hazard = filling.hazard_in(own, "rectifying", severity="general")
        own.must(f"act {hazard} severity_changed --set severity=major --apply")
    own.must("supervise")
    own.must("approve LISTING --person LEADER --code 123456 --apply")


@contextmanager
def a_world(folder: Path) -> Iterator[World]:
    """The city lives two weeks; its people are enrolled; one seal was given out."""
    from demo.servers.city import City

    home = folder / "lived"
    with _environment(), City(1, 2, 90, home / "city") as city:
        config = configure(home)
        _eased(config / COUNTY / "policy.yaml")
        upward = f'\n[upward.city]\nfolder = "{folder / "upward"}"\n'
        sections = source_sections(city.settings()) + upward
        (folder / "upward").mkdir()
        write_toml(home, _clock(WEDNESDAY) + toml(COUNTY, config, sections))
        make_home(home, COUNTY)
        enter(load_settings(home))
        for _ in Play(city, run_plain).stages():
            pass
        own = Reader(folder / "first", home, WEDNESDAY - timedelta(hours=2))
        for name, role in PEOPLE.items():
            own.must(f"operator enrol {name} --organisation 虚构市安委办 --role {role}")
        _listed(own)
        own.must("seal make")
        own.county.engine.dispose()
        yield World(home)


@contextmanager
def _environment() -> Iterator[None]:
    """Commands change this process's environment; the end undoes it."""
    before = dict(os.environ)
    os.environ["BIHUAN_LANG"] = "en"
    yield
    os.environ.clear()
    os.environ.update(before)


def _clock(at: datetime) -> str:
    return f'demo = true\nnow = "{at.isoformat()}"\n'


def _eased(path: Path) -> None:
    """The office's own choices, so that a document may sign at once, object to what is old, and
    publish a month in which nothing came."""
    policy = yaml.safe_load(path.read_text("utf-8"))
    policy["bulletin"] |= {"formats": ["html"], "languages": ["zh"]}
    policy["bulletin"]["objections"]["file_working_days"] = 250
    for kind in policy["bulletin"]["kinds"].values():
        kind.pop("preview_hours", None)
    path.write_text(yaml.safe_dump(policy, allow_unicode=True), "utf-8")
    for source in (path.parent / "sources").glob("*.yaml"):
        source.write_text(re.sub(r"(?m)^vital: true", "vital: false", source.read_text("utf-8")))


@dataclass
class Reader:
    """Types the lines of one document, one after the other; the clock goes on in between."""

    folder: Path
    home: Path
    now: datetime

    @cached_property
    def work(self) -> Path:
        """Where the reader stands: files that documents name lie here."""
        path = self.folder / "work"
        path.mkdir(parents=True)
        return path

    @property
    def county(self) -> County:
        return open_county(Settings.load(self.home))

    def types(self, text: str) -> Any:
        """What comes of a line."""
        self.now += timedelta(minutes=3)  # codes are good once
        path = self.home / "bihuan.toml"
        if path.exists() and path.read_text("utf-8").startswith("demo = true"):
            kept = re.sub(r"^demo = .*\nnow = .*\n", "", path.read_text("utf-8"))
            path.write_text(_clock(self.now) + kept, "utf-8")
        os.environ["BIHUAN_HOME"] = str(self.home)
        runtime._county.cache_clear()  # each command is a process of its own
        return CliRunner().invoke(app, filling.filled(self, shlex.split(text)))

    def must(self, text: str) -> str:
        """What a command that must succeed prints."""
        done = self.types(text)
        assert done.exit_code == 0, f"{text}\n{done.output}"
        return str(done.stdout)
