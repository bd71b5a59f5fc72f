"""Which language the command line speaks, and its wording.

BIHUAN_LANG decides; else `lang` in the home's bihuan.toml; else the locale. Chinese for zh, English
for everything else. JSON keys, codes and logs are English always.
"""

import os
import tomllib
from pathlib import Path

from tasks.rendering.catalogue import text

_LOCALE = ("LC_ALL", "LC_MESSAGES", "LANG")
_chosen: dict[str, str] = {}


def lang() -> str:
    if "lang" not in _chosen:
        choose(default_home())
    return _chosen["lang"]


def default_home() -> Path:
    """The same as schemas.settings.default_home, which costs --help half its time to import."""
    return Path(os.environ.get("BIHUAN_HOME", "~/.bihuan")).expanduser()


def choose(home: Path) -> None:
    """Speak as this home wishes, from now on."""
    wish = os.environ.get("BIHUAN_LANG") or _of_home(home) or _of_locale()
    _chosen["lang"] = "zh" if wish.lower().startswith("zh") else "en"


def _of_home(home: Path) -> str:
    try:
        found = tomllib.loads((home / "bihuan.toml").read_text("utf-8")).get("lang", "")
    except (OSError, ValueError):
        return ""  # a broken file is told by the command that needs it
    return str(found)


def _of_locale() -> str:
    return next((os.environ[name] for name in _LOCALE if os.environ.get(name)), "")


def say(key: str, **values: object) -> str:
    """The wording of `cli.<key>`."""
    return text(f"cli.{key}", lang(), **values)
