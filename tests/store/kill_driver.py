"""Kills an ingest again and again and says what came of it. One process, jobs as lines of JSON.

    python -m tests.store.kill_driver      a job per line in, its answer per line out

Every attempt is a forked child in a session of its own, killed with SIGKILL of its whole process
group: by itself at its n-th write, or from outside after a while. The parent has imported what is
slow and never opens a database, so a child starts at once and clean. After a kill the ledger must
be whole; a series of kills is ended by a run to the end, whose result is compared with that of a
run that nobody killed.
"""

import json
import os
import random
import signal
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.store import kill_breakage as breakage
from tests.store import kill_world as world_
from tests.store.kill_world import Spot

SLICE_EVENTS = 800  # about 25 slices of 20,000 events
IN_A_ROW = 10  # kills before a run may end
_MOMENTS = ("insert", "before commit", "after commit", "mark")


@dataclass
class Writes:
    """Counts an attempt's writes and ends its process group at the n-th of a kind."""

    kind: str = ""
    n: int = 0
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(_MOMENTS, 0))

    def reached(self, kind: str) -> None:
        self.counts[kind] += 1
        if kind == self.kind and self.counts[kind] == self.n:
            os.killpg(os.getpgrp(), signal.SIGKILL)

    def install(self) -> None:
        """Wrap what writes. Nothing of this is known to the product."""
        from sqlalchemy import Connection

        from tasks.intake.marks import Marks
        from tasks.store import bulk

        insert, commit, mark = bulk.insert, Connection.commit, Marks.set

        def counted_insert(*args: Any) -> None:
            self.reached("insert")
            insert(*args)

        def counted_commit(connection: Connection) -> None:
            self.reached("before commit")
            commit(connection)
            self.reached("after commit")

        def counted_mark(marks: Marks, deliveries: Any) -> None:
            self.reached("mark")
            mark(marks, deliveries)

        bulk.insert = counted_insert  # type: ignore[assignment]
        Connection.commit = counted_commit  # type: ignore[method-assign]
        Marks.set = counted_mark  # type: ignore[method-assign]


@dataclass(frozen=True)
class Child:
    """A forked child at work; `result` waits for it."""

    pid: int
    reader: int

    def result(self) -> tuple[bool, Any]:
        """(whether it was killed, what it returned). RuntimeError when it failed by itself."""
        with os.fdopen(self.reader, "rb") as pipe:
            said = pipe.read()
        _, status = os.waitpid(self.pid, 0)
        if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
            return True, None
        if status != 0:
            raise RuntimeError(f"a run ended with status {status}: {said.decode()[-2000:]}")
        return False, json.loads(said)


def fork(work: Callable[[], Any]) -> Child:
    reader, writer = os.pipe()
    pid = os.fork()
    if pid:
        os.close(writer)
        return Child(pid, reader)
    os.setsid()
    status = 1
    try:
        os.write(writer, json.dumps(work()).encode())
        status = 0
    except BaseException:
        os.write(writer, traceback.format_exc().encode())
    finally:
        os._exit(status)


def attempt(world: Path, spot: Spot, kind: str = "", n: int = 0, broken: bool = False) -> Child:
    """An ingest from its first step; `kind` and `n` say at which write it ends."""

    def work() -> Any:
        writes = Writes(kind, n)
        writes.install()
        if broken:
            breakage.cursor_before_rows()
        start = time.monotonic()
        world_.ingest(world, spot)
        return {"counts": writes.counts, "seconds": time.monotonic() - start}

    return fork(work)


def in_child(work: Callable[..., Any], *args: Any) -> Any:
    return fork(lambda: work(*args)).result()[1]


@dataclass
class Experiment:
    """One job: a world, a database, a number of kills."""

    world: Path
    homes: Path
    url: str
    kills: int
    seed: int
    broken: bool = False
    spots: int = 0

    def run(self) -> dict[str, Any]:
        chance = random.Random(self.seed)
        spot = self._fresh()
        _, reference = attempt(self.world, spot).result()
        expected = in_child(world_.picture, spot)
        done: list[dict[str, Any]] = []
        series = []
        while len(done) < self.kills:
            series.append(self._series(chance, reference, expected, done))
        return {"reference": expected, "writes": reference, "kills": done, "series": series}

    def _series(
        self,
        chance: random.Random,
        reference: dict[str, Any],
        expected: dict[str, Any],
        done: list[dict[str, Any]],
    ) -> dict[str, Any]:
        """Kill up to IN_A_ROW times, then run to the end."""
        spot, events = self._fresh(), 0
        for _ in range(IN_A_ROW):
            if len(done) == self.kills:
                break
            left = 1 - events / expected["events"][0]
            point = self._point(chance, reference, left, len(done))
            if not self._kill(spot, point):
                return in_child(world_.picture, spot)
            state = in_child(world_.whole, spot)
            events = state["events"]
            done.append(point | {"whole": state})
        attempt(self.world, spot, broken=self.broken).result()
        return in_child(world_.picture, spot)

    def _point(
        self, chance: random.Random, reference: dict[str, Any], left: float, number: int
    ) -> dict[str, Any]:
        """Every other kill at a write, every other at a time, within what is still to do."""
        if number % 2:
            return {"after": chance.uniform(0.02, max(0.1, left)) * reference["seconds"]}
        kind = _MOMENTS[number // 2 % len(_MOMENTS)]
        most = max(1, round(reference["counts"][kind] * min(left, 0.9)))
        return {"kind": kind, "n": chance.randint(1, most)}

    def _kill(self, spot: Spot, point: dict[str, Any]) -> bool:
        """Whether the run was killed: it may have ended before."""
        kind, n = point.get("kind", ""), point.get("n", 0)
        child = attempt(self.world, spot, kind, n, self.broken)
        if "after" in point:
            time.sleep(point["after"])
            os.killpg(child.pid, signal.SIGKILL)
        return child.result()[0]

    def _fresh(self) -> Spot:
        self.spots += 1
        spot = Spot(self.homes / str(self.spots), self.url)
        in_child(world_.prepare, spot)
        return spot


def warm_up(folder: Path) -> None:
    """Import and build once what every child would: in a child's child nothing is left to load."""
    import great_expectations  # noqa: F401

    world = folder / "world"
    world_.make_world(world, 0.0002)
    spot = Spot(folder / "home", "")
    world_.prepare(spot)
    world_.ingest(world, spot)
    world_.picture(spot)


def small_slices() -> None:
    """Before `take` is imported, which takes the size as a default."""
    from tasks.store import ledger

    assert "tasks.intake.take" not in sys.modules
    ledger.SLICE_EVENTS = SLICE_EVENTS


def main() -> None:
    small_slices()
    jobs = iter(sys.stdin.readline, "")
    warm_up(Path(json.loads(next(jobs))["scratch"]))
    for line in jobs:
        job = json.loads(line)
        experiment = Experiment(
            Path(job["world"]),
            Path(job["homes"]),
            job["url"],
            job["kills"],
            job["seed"],
            job["broken"],
        )
        sys.stdout.write(json.dumps(experiment.run()) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
