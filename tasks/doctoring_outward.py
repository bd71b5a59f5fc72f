"""Doctor's checks of who is heard and who is told: has everybody who is named an address?

Each answers as every check of `tasks.doctoring` does; nobody is asked and nothing is sent.
"""

from typing import TYPE_CHECKING

from schemas.notify import NOBODY, Notify
from schemas.settings import Settings
from tasks.configuration import read, read_sources
from tasks.county import config_folder

if TYPE_CHECKING:
    from tasks.doctoring import Answer


def sources(settings: Settings) -> "Answer":
    """Declared sources without an address, and drop folders that are not there."""
    declared = read_sources(config_folder(settings) / "sources")
    unset = [n for n in declared if n not in settings.sources]
    gone = [
        f"{name} ({where.folder})"
        for name, where in settings.sources.items()
        if where.folder is not None and not where.folder.is_dir()
    ]
    named = "; ".join(filter(None, [", ".join(unset), ", ".join(gone)]))
    return "warn" if named else "ok", {"n": len(declared), "unset": named}


def told(settings: Settings) -> "Answer":
    """Channels of notify.yaml without addresses: their messages would wait for ever."""
    file = config_folder(settings) / "notify.yaml"
    routes = (read(file, Notify) if file.exists() else NOBODY).routes
    named = list(dict.fromkeys(name for route in routes for name in route.to))
    unset = [name for name in named if name not in settings.notify]
    return "warn" if unset else "ok", {"n": len(named), "unset": ", ".join(unset)}


def holders(settings: Settings) -> "Answer":
    """Who holds the seals outside of this office: only with them can others find a forgery."""
    unset = [name for name in settings.seal_to if name not in settings.upward]
    if unset:
        return "fail", {"unset": ", ".join(unset)}
    return "ok" if settings.seal_to else "warn", {"names": ", ".join(settings.seal_to)}
