"""The whole city on loopback: real servers, a drop folder, a database, one present.

    with City(seed=1, weeks=3, hazards=300, folder=path) as city:
        city.advance(city.world.weeks.first[0])   # the first Monday, 07:30
        city.settings()                           # [sources.*] of bihuan.toml

Promise: nothing is visible before it was sent; `advance` moves the present forward, writes the
ledgers dropped and the exchange rows written by then. The city is fictitious, and its tokens open
nothing else.
"""

from pathlib import Path
from types import TracebackType
from typing import Any, Self

from demo.feeds import Feeds
from demo.ledgers import Ledgers
from demo.servers.desk import BASE, Desk
from demo.servers.exchange import Exchange
from demo.servers.faults import Fault, Faults
from demo.servers.folder import DropFolder
from demo.servers.now import Now
from demo.servers.platform import PATHS, Platform
from demo.world import SOURCES, World, build


class City:
    """Upstream systems of one world. Use it as a context manager, or start and stop it."""

    def __init__(
        self,
        seed: int = 1,
        weeks: int = 8,
        hazards: int = 5_000,
        folder: Path | str = "city",
        *,
        policy: dict[str, Any] | None = None,
        world: World | None = None,
    ) -> None:
        self.world = world or build(seed, weeks, hazards, policy)
        self.folder = Path(folder).absolute()
        self.now, self.faults = Now(), Faults()
        feeds = Feeds(self.world)
        self.tokens = {s: f"demo-token-{s}-{self.world.seed}" for s in PATHS.values()}
        self.platform = Platform(feeds, self.now, self.faults, self.tokens)
        self.desk = Desk(feeds, self.now, self.faults)
        self.exchange = Exchange(feeds, self.folder / "exchange.sqlite")
        self.drop = DropFolder(Ledgers(self.world), self.folder / "grid")

    def start(self) -> Self:
        self.drop.create()
        self.exchange.create()
        self.platform.web.start()
        self.desk.web.start()
        return self

    def stop(self) -> None:
        self.platform.web.stop()
        self.desk.web.stop()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def advance(self, to_ms: int) -> None:
        """Make everything visible that was sent up to `to_ms` (UTC ms). ValueError for the past."""
        was = self.now.advance(to_ms)
        self.drop.drop(was, to_ms)
        self.exchange.write(to_ms)

    def settings(self) -> dict[str, dict[str, Any]]:
        """[sources.*] of bihuan.toml: where each source lives and its token."""
        base = self.platform.web.url
        paged = {s: {"url": base, "token": self.tokens[s]} for s in PATHS.values()}
        return {
            **paged,
            "complaints": {"url": self.desk.web.url + BASE.rstrip("/")},
            "grid": {"folder": str(self.drop.path)},
            "selfcheck": {"url": self.exchange.url},
        }

    def break_(self, source: str, fault: Fault) -> None:
        """Let a source fail from now on; `heal` ends it. ValueError for a word that is none."""
        if source not in SOURCES:
            raise ValueError(f"{source!r} is no source: choose one of {', '.join(SOURCES)}")
        self.faults.set(source, fault)
        if source == "grid":
            self.drop.break_(fault)
        elif source == "selfcheck":
            self.exchange.break_(fault)

    def heal(self, source: str) -> None:
        self.faults.heal(source)
        if source == "grid":
            self.drop.heal()
        elif source == "selfcheck":
            self.exchange.heal()
