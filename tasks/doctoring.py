"""Doctor: plain checks of one home and this machine, each ok, warn or fail, with what to do.

Promise: nothing is changed, nothing is sent anywhere, and one check that breaks is a finding, not
the end of the others. Wording is `doctor.<check>.<level>` of the message catalogue.
"""

import importlib.metadata
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from packaging.version import Version

from schemas.settings import Settings
from tasks import doctoring_outward
from tasks.rendering.catalogue import text

if TYPE_CHECKING:
    from tasks.county import County

Level = Literal["ok", "warn", "fail"]
Answer = tuple[Level, dict[str, object]]

OLDEST, NEWEST = (3, 11), (3, 15)
# Outside of these a plain install looks healthy and is broken.
PINS = {"sqlalchemy": ("2.0.58", "2.1"), "fastapi": ("0.139", "0.151")}
_FREE_BYTES = 2 * 2**30


@dataclass(frozen=True)
class Check:
    name: str
    level: Level
    message: str


def examine(settings: Settings, lang: str) -> list[Check]:
    """Every check of a home, in the order in which an operator would mend them."""
    return [_checked(name, check, settings, lang) for name, check in CHECKS.items()]


def _checked(
    name: str, check: Callable[[Settings], Answer], settings: Settings, lang: str
) -> Check:
    try:
        level, values = check(settings)
    except Exception as error:
        said = " ".join(str(error).split())[:300] or type(error).__name__
        return Check(name, "fail", text("doctor.broken", lang, reason=said))
    return Check(name, level, text(f"doctor.{name}.{level}", lang, **values))


def _python(_: Settings) -> Answer:
    fits = OLDEST <= sys.version_info[:2] < NEWEST
    wanted = f"{OLDEST[0]}.{OLDEST[1]} – {NEWEST[0]}.{NEWEST[1] - 1}"
    return "ok" if fits else "fail", {"found": sys.version.split()[0], "wanted": wanted}


def _pins(_: Settings) -> Answer:
    found = {name: importlib.metadata.version(name) for name in PINS}
    wrong = [
        f"{name} {found[name]} (>= {low}, < {high})"
        for name, (low, high) in PINS.items()
        if not Version(low) <= Version(found[name]) < Version(high)
    ]
    shown = ", ".join(f"{name} {version}" for name, version in found.items())
    return "fail" if wrong else "ok", {"found": shown, "wrong": ", ".join(wrong)}


def _home(settings: Settings) -> Answer:
    home = settings.home
    if not (home / "bihuan.toml").exists():
        return "fail", {"home": home}
    with tempfile.NamedTemporaryFile(dir=home):
        pass
    free = shutil.disk_usage(home).free
    return "ok" if free >= _FREE_BYTES else "warn", {"home": home, "free": f"{free / 2**30:.1f}"}


def _configuration(settings: Settings) -> Answer:
    from tasks.configuration import read_county, read_upward
    from tasks.county import config_folder

    organisation, policy, sources = read_county(config_folder(settings))
    read_upward(config_folder(settings))
    return "ok", {
        "county": organisation.name.zh,
        "towns": len(organisation.towns),
        "sources": len(sources),
        "version": policy.version,
    }


def _database(settings: Settings) -> Answer:
    from tasks.county import database_url
    from tasks.store.engine import open_engine
    from tasks.store.schema import latest, version

    path = settings.home / "bihuan.sqlite"
    if settings.database_url is None and not path.exists():
        return "fail", {"found": "-", "wanted": latest()}
    engine = open_engine(database_url(settings))
    try:
        found, wanted = version(engine), latest()
    finally:
        engine.dispose()
    return "ok" if found == wanted else "fail", {"found": found or "-", "wanted": wanted}


def _rights(settings: Settings) -> Answer:
    """PostgreSQL: who runs day by day should not be able to rewrite the ledger."""
    from tasks.store.privileges import may_rewrite

    with _store(settings) as county:
        tables = may_rewrite(county.engine) if county else []
    return "warn" if tables else "ok", {"tables": ", ".join(tables)}


def _vault(settings: Settings) -> Answer:
    from tasks.store.vault import PUBLIC

    folder = settings.home / "vault"
    if not (folder / PUBLIC).exists():
        return "fail", {"folder": folder}
    home = settings.home
    keys = [*home.glob("*custodian.key"), home.with_name(f"{home.name}.custodian.key")]
    here = next((key for key in keys if key.exists()), keys[-1])
    return "warn" if here.exists() and not settings.demo else "ok", {
        "folder": folder,
        "private": here,
    }


def _operators(settings: Settings) -> Answer:
    """Without an enrolled operator nothing that needs a second person can be done."""
    from tasks.operators import operators

    with _store(settings) as county:
        names = [o.name for o in operators(county) if not o.retired_at] if county else []
    return "ok" if names else "warn", {"n": len(names)}


def _operators_key(settings: Settings) -> Answer:
    from tasks.operators import unreadable
    from tasks.store.operator_key import KEY_FILE, open_to_others

    file = settings.home / KEY_FILE
    if mode := open_to_others(settings.home):
        return "fail", {"file": file, "mode": mode}
    with _store(settings) as county:
        names = unreadable(county) if county else []
    return "warn" if names else "ok", {"file": file, "names": ", ".join(names)}


@contextmanager
def _store(settings: Settings) -> Iterator["County | None"]:
    """The county with its store; None where there is no store yet, which is said elsewhere."""
    from tasks.county import open_county
    from tasks.store.schema import require_current

    if settings.database_url is None and not (settings.home / "bihuan.sqlite").exists():
        yield None
        return
    county = open_county(settings)
    try:
        require_current(county.engine)
        yield county
    finally:
        county.engine.dispose()


def _clock(settings: Settings) -> Answer:
    now = datetime.now(UTC)
    values: dict[str, object] = {"now": now.isoformat(timespec="seconds")}
    if settings.now is not None:
        return "warn" if settings.demo else "fail", values
    reference = _newest(settings.home)
    return "fail" if now.timestamp() < reference - 300 or now.year < 2025 else "ok", values


def _newest(home: Path) -> float:
    """The latest time anything in the home was written: the present cannot lie before it."""
    files = [home / name for name in ("bihuan.sqlite", "bihuan.toml")]
    return max((f.stat().st_mtime for f in files if f.exists()), default=0.0)


def _zone(settings: Settings) -> Answer:
    from zoneinfo import ZoneInfo

    from schemas.organisation import Organisation
    from tasks.configuration import read
    from tasks.county import config_folder

    name = read(config_folder(settings) / "organisation.yaml", Organisation).zone
    local = datetime.now(ZoneInfo(name)).isoformat(timespec="minutes")
    return "ok", {"zone": name, "local": local, "machine": time.tzname[0]}


def _calendar(settings: Settings) -> Answer:
    from rules.clocks import WorkingDays, published_until
    from schemas.policy import Policy
    from tasks.configuration import read
    from tasks.county import config_folder

    policy = read(config_folder(settings) / "policy.yaml", Policy)
    wanted = datetime.now(UTC).date() + timedelta(days=365)
    until: date = max(published_until(), policy.holidays_until or date.min)
    covered = WorkingDays.of(policy).covers(wanted)
    return "ok" if covered else "warn", {"until": until, "wanted": wanted}


def _analytics(_: Settings) -> Answer:
    from prefect.settings import get_current_settings

    on = get_current_settings().server.analytics_enabled
    silent = os.environ.get("DO_NOT_TRACK") == "1"
    return ("ok" if silent and not on else "fail"), {}


def _fonts(_: Settings) -> Answer:
    if shutil.which("fc-list") is None:
        return "warn", {"found": "-"}
    listed = subprocess.run(
        ["fc-list", ":lang=zh", "family"],
        capture_output=True, text=True, timeout=20, check=False,
    )  # fmt: skip
    families = sorted({line.split(",")[0].strip() for line in listed.stdout.splitlines() if line})
    return "ok" if families else "warn", {"found": ", ".join(families[:3]) or "-"}


def _tool(*names: str) -> Callable[[Settings], Answer]:
    def check(_: Settings) -> Answer:
        found = next(filter(None, map(shutil.which, names)), None)
        return "ok" if found else "warn", {"found": found or "-", "names": ", ".join(names)}

    return check


def _checks() -> Iterator[tuple[str, Callable[[Settings], Answer]]]:
    yield "python", _python
    yield "pins", _pins
    yield "home", _home
    yield "configuration", _configuration
    yield "database", _database
    yield "rights", _rights
    yield "vault", _vault
    yield "operators", _operators
    yield "operators_key", _operators_key
    yield "sources", doctoring_outward.sources
    yield "told", doctoring_outward.told
    yield "holders", doctoring_outward.holders
    yield "clock", _clock
    yield "zone", _zone
    yield "calendar", _calendar
    yield "analytics", _analytics
    yield "fonts", _fonts
    yield "chromium", _tool("chromium", "chromium-browser", "google-chrome")
    yield "libreoffice", _tool("soffice", "libreoffice")


CHECKS = dict(_checks())
