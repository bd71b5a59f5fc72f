"""Tiny counties beside each other, and a home above them that names theirs.

first = county(tmp_path / "a", "330282", migrated_file)
bring(first, lives=3)
above = province(tmp_path / "province", "../*/home")
"""

import shutil
from pathlib import Path
from typing import Any

import yaml

from schemas.period import DAY_MS, HOUR_MS
from schemas.settings import Settings
from tasks.county import open_county
from tests.store.tiny import MONDAY, SOURCES, Tiny, finding, life

NOW = "2025-03-18T10:00:00+08:00"  # Tuesday of 2025-W12: W10 and W11 are past their cut-offs
WEEKS = ("2025-W10", "2025-W11")
TOWNS = ("330282104", "330282108", "330282111")


def county(folder: Path, code: str, migrated: Path, now: str = NOW, **policy: Any) -> Path:
    """The home of a county with a code of its own, whose sources are folders of CSV files."""
    tiny = Tiny.make(folder, migrated, **policy)
    tiny.county.engine.dispose()
    [path] = (folder / "config").glob("*/organisation.yaml")
    organisation = yaml.safe_load(path.read_text("utf-8"))
    organisation |= {"code": code, "name": {"zh": f"虚构县{code}", "en": f"Fictitious {code}"}}
    path.write_text(yaml.safe_dump(organisation, allow_unicode=True), "utf-8")
    home = folder / "home"
    lines = ["demo = true", f'now = "{now}"', f'county = "{path.parent.name}"']
    lines.append(f'config_dir = "{folder / "config"}"')
    for source in SOURCES:
        lines += [f"[sources.{source}]", f'folder = "{folder / "drop" / source}"']
    (home / "bihuan.toml").write_text("\n".join(lines) + "\n", "utf-8")
    return home


def opened(home: Path) -> Tiny:
    return Tiny(open_county(Settings.load(home)))


def drop(home: Path, lives: int, mark: str = "") -> None:
    """Files of `lives` findings of two weeks with their updates, every second one closed."""
    tiny, found, steps = opened(home), [], []
    for number in range(lives):
        name, at = f"{mark}{number}", MONDAY + (number % 10) * DAY_MS
        found.append(finding(name, at, town_code=TOWNS[number % len(TOWNS)]))
        to = "closed" if number % 2 else "started"
        steps += life(name, at + HOUR_MS, to=to, due=at + 3 * DAY_MS)
    tiny.drop("findings", *found)
    tiny.drop("updates", *steps)
    tiny.county.engine.dispose()


def province(folder: Path, *homes: str, more: str = "") -> Path:
    """A home above the counties'."""
    folder.mkdir(parents=True)
    named = ", ".join(f'"{home}"' for home in homes)
    (folder / "bihuan.toml").write_text(f"homes = [{named}]\n{more}", "utf-8")
    return folder


def copied(home: Path, folder: Path) -> Path:
    """The same county elsewhere, with its files to come."""
    shutil.copytree(home.parent, folder, symlinks=True)
    text = (folder / "home" / "bihuan.toml").read_text("utf-8")
    moved = text.replace(str(home.parent), str(folder))
    (folder / "home" / "bihuan.toml").write_text(moved, "utf-8")
    return folder / "home"


def editions(home: Path) -> dict[str, list[list[Any]]]:
    """What the store says of every edition, and how many events there are of what kinds."""
    tiny = opened(home)
    rows = tiny.query("SELECT kind, period, number, body_digest FROM edition ORDER BY seq")
    counts = tiny.query("SELECT kind, COUNT(*) FROM event GROUP BY kind ORDER BY kind")
    tiny.county.engine.dispose()
    return {"editions": [list(r) for r in rows], "events": [list(r) for r in counts]}
