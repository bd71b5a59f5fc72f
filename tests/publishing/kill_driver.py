"""Kills a publishing run again and again and says what came of it: one JSON object on stdout.

    python -m tests.publishing.kill_driver FOLDER KILLS [BROKEN]

FOLDER holds homes made by `county.prepare`, one per way of publishing. Every attempt is a forked
child in a session of its own, killed with SIGKILL by itself at its n-th write of a kind, or from
outside after a while. After a kill everything that can be seen must be old or new; after the second
of a home the run is done once more and must come to what a run came to that nobody killed. Where
publishing is broken on purpose, the kills come at the first writes, one after the other.
"""

import json
import os
import random
import shutil
import signal
import sys
import time
from dataclasses import dataclass, field
from itertools import count, cycle
from pathlib import Path
from typing import Any

from tests.publishing import county
from tests.publishing.kill_breakage import BREAKAGES
from tests.store.kill_driver import Child, fork, in_child

WAYS = ("signed", "straight")
KINDS = ("shelf", "message", "commit", "site", "time")
_PLACES = {
    **dict.fromkeys(("editions", "drafts"), "shelf"),
    **dict.fromkeys(("site", "site-internal", ".site.new", ".site-internal.new"), "site"),
    ".sites": "site",
    "outbox": "message",
}
_CHANGES = {"os.rename", "os.mkdir", "os.symlink", "os.link", "os.remove", "os.rmdir", "os.chmod"}
_WRITING = os.O_WRONLY | os.O_RDWR


@dataclass
class Writes:
    """Counts an attempt's writes by kind and ends its process group at the n-th of one."""

    home: Path
    kind: str = ""
    n: int = 0
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(KINDS, 0))
    last: str = ""

    def reached(self, kind: str) -> None:
        self.counts[kind] += 1
        if kind == self.kind and self.counts[kind] == self.n:
            os.killpg(os.getpgrp(), signal.SIGKILL)

    def install(self) -> None:
        """Listen to what Python tells of its files, and wrap what it does not tell of."""
        from sqlalchemy import Connection

        commit, fsync = Connection.commit, os.fsync

        def counted_commit(connection: Connection) -> None:
            self.reached("commit")
            commit(connection)
            self.reached("commit")

        def counted_fsync(descriptor: int) -> None:
            if self.last:
                self.reached(self.last)
            fsync(descriptor)

        Connection.commit = counted_commit  # type: ignore[method-assign]
        os.fsync = counted_fsync
        sys.addaudithook(self.heard)

    def heard(self, event: str, args: tuple[Any, ...]) -> None:
        is_write = event == "open" and isinstance(args[2], int) and bool(args[2] & _WRITING)
        if event in _CHANGES or is_write:
            self.last = self._kind(args[0])
            if self.last:
                self.reached(self.last)

    def _kind(self, path: Any) -> str:
        """By the home's folder; an entry of a folder that is open is of the last one's kind."""
        if not isinstance(path, str | os.PathLike):
            return ""
        found = Path(os.fsdecode(path))
        if not found.is_absolute():
            return self.last
        inside = found.is_relative_to(self.home) and found != self.home
        return _PLACES.get(found.relative_to(self.home).parts[0], "") if inside else ""


def attempt(folder: Path, number: int, broken: str, kind: str = "", n: int = 0) -> Child:
    def work() -> Any:
        writes = Writes(folder / "home", kind, n)
        if broken:
            BREAKAGES[broken]()
        writes.install()
        start = time.monotonic()
        county.publish_again(folder, number)
        return {"counts": writes.counts, "seconds": time.monotonic() - start}

    return fork(work)


@dataclass
class Experiment:
    """One way of publishing, killed at points spread over all it writes."""

    folder: Path
    way: str
    broken: str
    chance: random.Random
    kinds: Any
    done: list[dict[str, Any]] = field(default_factory=list)
    ended: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.copies = count()
        self.old = in_child(county.picture, self.folder / self.way)
        whole = self._copy()
        _, self.reference = attempt(whole, 1, self.broken).result()
        self.new = in_child(county.picture, whole)

    def series(self, kills: int) -> None:
        """Kill a fresh home up to so many times, then run to the end."""
        home = self._copy()
        for number in range(1, kills + 1):
            point = self._point()
            if not self._killed(home, number, point):
                break
            self.done.append(point | {"seen": in_child(county.picture, home)})
        else:
            attempt(home, kills + 1, self.broken).result()
        self.ended.append(in_child(county.picture, home))
        shutil.rmtree(home)

    def _point(self) -> dict[str, Any]:
        kind = next(self.kinds)
        if kind == "time":
            return {"after": self.chance.uniform(0.02, 0.95) * self.reference["seconds"]}
        most = self.reference["counts"][kind]
        if not most:
            return self._point()
        n = len(self.done) + 1 if self.broken else self.chance.randint(1, most)
        return {"kind": kind, "n": n}

    def _killed(self, home: Path, number: int, point: dict[str, Any]) -> bool:
        """Whether the run was killed: it may have ended before."""
        child = attempt(home, number, self.broken, point.get("kind", ""), point.get("n", 0))
        if "after" in point:
            time.sleep(point["after"])
            os.killpg(child.pid, signal.SIGKILL)
        return child.result()[0]

    def _copy(self) -> Path:
        target = self.folder / f"{self.way}-{next(self.copies)}"
        shutil.copytree(self.folder / self.way, target, symlinks=True)
        return target


def warm_up(folder: Path, way: str) -> None:
    """Import and build once what every child would."""
    scratch = folder / "scratch"
    shutil.copytree(folder / way, scratch, symlinks=True)
    county.publish_again(scratch, 1)
    county.picture(scratch)
    shutil.rmtree(scratch)


def main(folder: str, kills: str, broken: str = "") -> None:
    chance = random.Random(int(kills))
    kinds = {"in_place": ("shelf",), "pointer_first": ("commit",)}.get(broken, KINDS)
    ways = [way for way in WAYS if (Path(folder) / way).is_dir()]
    warm_up(Path(folder), ways[0])
    made = {way: Experiment(Path(folder), way, broken, chance, cycle(kinds)) for way in ways}
    for experiment in cycle(made.values()):
        left = int(kills) - sum(len(each.done) for each in made.values())
        if left <= 0:
            break
        experiment.series(min(2, left))
    keys = ("old", "new", "done", "ended", "reference")
    answer = {way: {key: getattr(e, key) for key in keys} for way, e in made.items()}
    sys.stdout.write(json.dumps(answer) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
