"""The demo played through: a fictitious city on loopback, one home, every flow of every week.

Promise: a home is emptied only if it is marked as a demo; what was started is stopped; the same
seed gives the same city and the same editions. Everything runs in this process with one Prefect
server of its own.

    with staged(home, seed=1, weeks=2, hazards=200) as city:
        for event in play(city): …
"""

import os
import shutil
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from flows.runtime import moment, standing_at

COUNTY = "linwan"
_AFTER_CUT_OFF_MS = 5 * 60_000
# An environment that was meant for a real home does not reach into the demo.
_KEPT = {"BIHUAN_HOME", "BIHUAN_LANG", "BIHUAN_DATABASE_URL", "BIHUAN_PREFECT_DATABASE_URL"}

Runner = Callable[[str, Any], dict[str, Any]]


class NotADemo(Exception):
    """The folder holds something that is not a demo home; nothing was touched."""


@dataclass
class WeekPlayed:
    """What came of one week: its collects, its supervise, its editions, oldest first."""

    code: str
    collects: list[dict[str, Any]] = field(default_factory=list)
    supervised: dict[str, Any] = field(default_factory=dict)
    editions: list[dict[str, Any]] = field(default_factory=list)

    @property
    def degraded(self) -> list[str]:
        return sorted({d["source"] for c in self.collects for d in c["degraded"]})


@dataclass(frozen=True)
class Stage:
    """A step that begins (`result` None) or has ended."""

    step: str  # collect | supervise | bulletin | late | audit
    week: str
    result: dict[str, Any] | None = None


@dataclass
class Play:
    """A demo under way; `weeks` fills as it goes."""

    city: Any
    run: Runner
    outage: str = ""  # a source that is down on the Monday of the middle week
    weeks: dict[str, WeekPlayed] = field(default_factory=dict)
    audit: dict[str, Any] = field(default_factory=dict)

    @property
    def steps(self) -> int:
        """About how many flow runs there will be."""
        return 4 * self.city.world.weeks.count + 2

    def stages(self) -> Iterator[Stage]:
        """Play everything, telling each step before and after."""
        for number in range(self.city.world.weeks.count):
            yield from self._monday(number)
            yield from self._wednesday(number)
        with standing_at(self.city.world.weeks.last):
            yield from self._step("audit", "", _form("AuditForm"))

    def _monday(self, number: int) -> Iterator[Stage]:
        """What is in by the cut-off: collect, supervise, and the first edition."""
        weeks = self.city.world.weeks
        code = weeks.code(number)
        self.weeks[code] = WeekPlayed(code)
        self.city.advance(weeks.first[number])
        with standing_at(weeks.first[number]), self._outage(number):
            yield from self._step("collect", code, _form("CollectForm"))
        with standing_at(weeks.cut_off(number) + _AFTER_CUT_OFF_MS):
            yield from self._step("supervise", code, _form("SuperviseForm"))
            yield from self._step(
                "bulletin", code, _form("BulletinForm", period=code, dry_run=False)
            )

    def _wednesday(self, number: int) -> Iterator[Stage]:
        """Ledgers that came late are taken and corrected; a source that was down is asked again.

        After the last week everything else is collected too, which nobody would else ask for.
        """
        weeks, code = self.city.world.weeks, self.city.world.weeks.code(number)
        before = set(self._ledgers())
        self.city.advance(weeks.second[number])
        late = sorted({_week_of(f) for f in self._ledgers() if f not in before})
        with standing_at(weeks.second[number]):
            for week in late:
                form = _form("LateForm", days=[_day(week)], dry_run=False)
                yield from self._step("late", week, form)
            is_last = number == weeks.count - 1
            again = [] if is_last else self.weeks[code].degraded
            if is_last or again:
                yield from self._step("collect", code, _form("CollectForm", sources=again))

    @contextmanager
    def _outage(self, number: int) -> Iterator[None]:
        if not self.outage or number != self.city.world.weeks.count // 2:
            yield
            return
        self.city.break_(self.outage, "down")
        try:
            yield
        finally:
            self.city.heal(self.outage)

    def _ledgers(self) -> list[str]:
        return [path.name for path in self.city.drop.path.glob("*_*.*")]

    def _step(self, step: str, week: str, form: Any) -> Iterator[Stage]:
        yield Stage(step, week)
        result = self.run(step, form)
        self._keep(step, week, result)
        yield Stage(step, week, result)

    def _keep(self, step: str, week: str, result: dict[str, Any]) -> None:
        if step == "audit":
            self.audit = result
        elif step == "collect":
            self.weeks[week].collects.append(result)
        elif step == "supervise":
            self.weeks[week].supervised = result
        elif step == "bulletin":
            self.weeks[week].editions.append(result)
        else:
            self._keep_late(week, result)

    def _keep_late(self, week: str, result: dict[str, Any]) -> None:
        self.weeks[week].collects.append(result["collected"])
        for edition in result["editions"]:
            if edition["is_new"] and edition["period"] in self.weeks:
                self.weeks[edition["period"]].editions.append(edition)


def run_plain(step: str, form: Any) -> dict[str, Any]:
    """A step without Prefect: the plain function beneath the flow."""
    from flows import audit, bulletin, collect, late, supervise

    now = moment()
    plain: dict[str, Callable[[], dict[str, Any]]] = {
        "collect": lambda: collect.collect_all(form, now),
        "supervise": lambda: supervise.supervise_all(now),
        "bulletin": lambda: bulletin.publish_period(
            form.kind, form.period, now, dry_run=form.dry_run
        ),
        "late": lambda: late.take_late(form.days, form.sources, now, form.dry_run),
        "audit": audit.audit_all,
    }
    return plain[step]()


def _form(name: str, **values: Any) -> Any:
    from flows import forms

    return getattr(forms, name)(**values)


def _week_of(file: str) -> str:
    """999001003_2025-W10_补报1.xlsx → 2025-W10"""
    return Path(file).stem.split("_")[1]


def _day(week: str) -> date:
    """Any day of a week names it."""
    year, number = week.split("-W")
    return date.fromisocalendar(int(year), int(number), 3)


def clear(home: Path) -> None:
    """Empty a demo home. Raises NotADemo for a folder that holds anything else."""
    if not home.exists() or not any(home.iterdir()):
        return
    try:
        marked = tomllib.loads((home / "bihuan.toml").read_text("utf-8")).get("demo") is True
    except (OSError, ValueError):
        marked = False
    if not marked:
        raise NotADemo(str(home))
    mark = home / "bihuan.toml"
    for path in (p for p in home.iterdir() if p != mark):
        shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
    mark.unlink()  # last: an interrupted clearing is still a demo home


@contextmanager
def staged(home: Path, *, seed: int, weeks: int, hazards: int) -> Iterator[Any]:
    """The city running, its configuration and addresses in a fresh demo home."""
    from demo.servers.city import City
    from demo.truth import write

    for name in [n for n in os.environ if n.startswith("BIHUAN_") and n not in _KEPT]:
        del os.environ[name]
    (home / "city").mkdir(parents=True, exist_ok=True)
    with City(seed, weeks, hazards, home / "city") as city:
        write(city.world, home / "city" / "truth.json")
        yield city


def configure(home: Path) -> Path:
    """The shipped policy and sources with the fictitious organisation; returns config_dir."""
    from demo.shipped import HERE
    from tasks.configuration import shipped

    folder = home / "config" / COUNTY
    folder.parent.mkdir(parents=True, exist_ok=True)
    shutil.copytree(shipped() / "config" / "cixi", folder, dirs_exist_ok=True)
    shutil.copyfile(HERE / "organisation.yaml", folder / "organisation.yaml")
    schema = "source.schema.json"
    shutil.copyfile(shipped() / "config" / schema, folder.parent / schema)
    return folder.parent


def source_sections(settings: dict[str, dict[str, Any]]) -> str:
    """City.settings() as sections of a bihuan.toml."""
    lines = []
    for name, values in settings.items():
        lines.append(f"\n[sources.{name}]")
        lines.extend(f'{key} = "{value}"' for key, value in values.items())
    return "\n".join(lines) + "\n"
