"""One case through the real path; as a program: the dangerous ones, measured.

Prints a line of JSON per case: its claim, what went wrong ("" if nothing), seconds of processor,
and the greatest resident memory of this process in MB; a parser's child has a limit of its own.

    python -m tests.hostile.running FOLDER MIGRATED_STORE
"""

import json
import resource
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from schemas.period import HOUR_MS
from tasks.intake.collect import SourceReport
from tests.hostile.corpus import CASES, ROWS, Case
from tests.hostile.county import NOW, Door, Seen, table
from tests.hostile.server import Hostile, serving

NOT_ROWS = ["合计|小计"]
SAFETY = 8 << 30  # a case that fails must not take the machine with it


@dataclass
class Stage:
    """A county and a server, for one case after the other."""

    door: Door
    server: Hostile
    runs: int = 0

    def run(self, case: Case) -> Seen:
        """Land, read, map, check and take what the case brings."""
        content = case.file() if case.file else None
        return self.take(case, dict([content]) if content else {})

    def take(self, case: Case, files: dict[str, bytes]) -> Seen:
        self.door.clear()
        self.server.answer = case.answer or self.server.answer
        self.runs += 1
        return self.door.collect(files, case.source, self.now)

    @property
    def now(self) -> int:
        return NOW + self.runs * HOUR_MS // 60

    def judge_quiet(self) -> None:
        """The source beside all that was run here is taken whole."""
        quiet = self.door.quiet(self.now)
        assert (quiet.taken, quiet.problem) == (self.runs, ""), quiet


@contextmanager
def staged(folder: Path, migrated: Path) -> Iterator[Stage]:
    """A new home in `folder`, and a server it may ask."""
    with serving() as server:
        yield Stage(Door.make(folder, migrated, server.url, not_rows=NOT_ROWS), server)


def run_rows(folder: Path, migrated: Path) -> tuple[Seen, SourceReport]:
    """All rows that are judged one by one, in one file; and the quiet source after it."""
    door = Door.make(folder, migrated)
    rows = [case.row(number) for number, case in enumerate(ROWS)]
    return door.collect({"rows.csv": table(*rows)}, warnings=True), door.quiet()


def measured(folder: Path, migrated: Path) -> Iterator[dict[str, object]]:
    """Each in a home of its own: what was landed and refused is tried again with the next one."""
    for number, case in enumerate(c for c in CASES if c.dangerous):
        with staged(folder / str(number), migrated) as stage:
            yield _measured(stage, case)
            stage.judge_quiet()


def _measured(stage: Stage, case: Case) -> dict[str, object]:
    files = dict([case.file()]) if case.file else {}  # making it is not what is measured
    before = _peak(reset=True)
    start, wrong = _processor(), ""
    try:
        case.judge(stage.take(case, files))
    except Exception as error:
        wrong = f"{type(error).__name__}: {error}"
    return {
        "claim": case.claim,
        "wrong": wrong,
        "seconds": _processor() - start,
        "before_mb": before,
        "peak_mb": _peak(),
    }


def _processor() -> float:
    """Seconds of this process and its children: what a case costs, however busy the machine."""
    spent = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(s.ru_utime + s.ru_stime for s in spent)


def _peak(reset: bool = False) -> int:
    """The greatest resident memory of this process since the last reset, in MB."""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    if reset:
        Path("/proc/self/clear_refs").write_text("5")
    line = next(x for x in status.read_text().splitlines() if x.startswith("VmHWM"))
    return int(line.split()[1]) // 1024


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_AS, (SAFETY, SAFETY))
    for line in measured(Path(sys.argv[1]), Path(sys.argv[2])):
        print(json.dumps(line), flush=True)  # noqa: T201
