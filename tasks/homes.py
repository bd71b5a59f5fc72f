"""Homes of counties that are worked on from another home: a province's, a city's.

    homes = ["../counties/*"]        # bihuan.toml; folders and globs, relative to this home

A home without that setting works on itself.
"""

from pathlib import Path

from schemas.organisation import Organisation
from schemas.settings import Settings
from tasks.configuration import ConfigurationError, read
from tasks.county import config_folder

MARK = "bihuan.toml"
_GLOB = set("*?[")


def homes(settings: Settings) -> list[Path]:
    """The homes a command works on, each once, in order. Raises ConfigurationError."""
    if not settings.homes:
        return [settings.home]
    found = [home for pattern in settings.homes for home in _named(settings.home, pattern)]
    if not found:
        raise ConfigurationError(
            f"`homes` of {settings.home / MARK} names no home: {', '.join(settings.homes)} holds no"
            " folder made by `bihuan init`"
        )
    return list(dict.fromkeys(found))


def code_of(home: Path) -> str:
    """The code of a home's county; the folder's path where its configuration cannot be read, which
    is told by whoever works on it."""
    try:
        folder = config_folder(Settings.load(home))
        return read(folder / "organisation.yaml", Organisation).code
    except (ConfigurationError, ValueError, OSError):  # pydantic's and tomllib's are ValueErrors
        return str(home)


def _named(base: Path, pattern: str) -> list[Path]:
    """What one entry names; a plain folder that is no home is an error, a glob takes homes only."""
    path = (base / Path(pattern).expanduser()).absolute()
    if not _GLOB & set(pattern):
        folder = path.resolve()
        if not (folder / MARK).is_file():
            raise ConfigurationError(
                f"{folder} is no home of a county: make it with `bihuan init --home {folder}`, or"
                f" correct `homes` of {base / MARK}"
            )
        return [folder]
    relative = path.relative_to(path.anchor)
    matches = Path(path.anchor).glob(str(relative))
    own = base.resolve()
    return sorted({f for m in matches if (m / MARK).is_file() and (f := m.resolve()) != own})
