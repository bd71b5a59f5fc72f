"""One county at work: its settings, configuration and store, opened once and passed around.

county = open_county(Settings.load("~/.bihuan"))
"""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from rules.clocks import WorkingDays
from rules.guards import FoldPolicy
from rules.identity_names import prefixes
from rules.seal import digest
from schemas.notify import NOBODY, Notify
from schemas.organisation import Organisation
from schemas.policy import Policy
from schemas.policy_indices import Indices
from schemas.settings import Settings, SourceSettings
from schemas.source import SourceDeclaration
from schemas.upward import NOTHING_UPWARD, Upward
from tasks.configuration import (
    ConfigurationError,
    read_county,
    read_notify,
    read_upward,
    shipped,
)
from tasks.references import References
from tasks.store.engine import Engine, open_engine, sqlite_url
from tasks.store.vault import Vault


@dataclass(frozen=True)
class County:
    """Everything a step needs to know; frozen, so that no step changes another's world."""

    settings: Settings
    organisation: Organisation
    policy: Policy
    sources: dict[str, SourceDeclaration]
    engine: Engine
    upward: Upward = NOTHING_UPWARD
    notify: Notify = NOBODY

    @property
    def code(self) -> str:
        return self.organisation.code

    @property
    def zone(self) -> str:
        return self.organisation.zone

    @property
    def home(self) -> Path:
        return self.settings.home

    @property
    def landing(self) -> Path:
        return self.home / "landing" / self.code

    @property
    def outbox(self) -> Path:
        return self.home / "outbox"

    @cached_property
    def days(self) -> WorkingDays:
        return WorkingDays.of(self.policy, self.zone)

    @cached_property
    def fold_policy(self) -> FoldPolicy:
        return FoldPolicy(
            self.policy.extension.listed_notice_working_days,
            self.days,
            self.policy.production.resumption_review_days,
        )

    @cached_property
    def place_prefixes(self) -> tuple[str, ...]:
        """What may stand in front of a name or an address here: the county, its towns."""
        towns = self.organisation.towns
        words = [w for t in towns for w in (t.name.zh, *t.aliases) if not w.isdigit()]
        return prefixes([self.organisation.name.zh, *words])

    @cached_property
    def policy_hash(self) -> str:
        return digest(json.loads(self.policy.model_dump_json(by_alias=True)))

    @cached_property
    def references(self) -> References:
        return References(config_folder(self.settings), self.organisation)

    @cached_property
    def vault(self) -> Vault:
        return Vault.open(self.home / "vault")

    @property
    def indices(self) -> Indices:
        """How places and towns are judged. Raises ConfigurationError where policy does not say."""
        if self.policy.indices is None:
            raise ConfigurationError(
                "policy.yaml has no section `indices`: copy it from the shipped example and make it"
                " your own; until then places have no colour and no grade"
            )
        return self.policy.indices

    def declared(self, name: str) -> SourceDeclaration:
        """A source by its short name. Raises ConfigurationError naming those there are."""
        if name not in self.sources:
            known = ", ".join(sorted(self.sources))
            raise ConfigurationError(f"{name!r} is no source of this county; there are: {known}")
        return self.sources[name]

    def source_settings(self, name: str) -> SourceSettings:
        """Where a source lives here. Raises ConfigurationError naming the setting to add."""
        self.declared(name)
        found = self.settings.sources.get(name)
        if found is None:
            raise ConfigurationError(
                f"where {name} lives is not set: add [sources.{name}] with url or folder to"
                f" {self.home / 'bihuan.toml'}, or set BIHUAN_SOURCES__{name.upper()}__URL"
            )
        return found

    def now(self) -> int:
        """The present as UTC ms; a demo home may stand its clock still."""
        return _clock(self.settings)()


def _clock(settings: Settings) -> Callable[[], int]:
    if settings.now is None:
        return lambda: time.time_ns() // 1_000_000
    if not settings.demo:
        raise ConfigurationError(
            "a simulated clock (now) is accepted only by a home with demo = true: figures made"
            " under a false clock must not be taken for real ones"
        )
    fixed = int(settings.now.timestamp() * 1000)
    return lambda: fixed


def config_folder(settings: Settings) -> Path:
    base = settings.config_dir or shipped() / "config"
    return base / settings.county


def database_url(settings: Settings) -> str:
    if settings.database_url is not None:
        return settings.database_url.get_secret_value()
    return sqlite_url(settings.home / "bihuan.sqlite")


def open_county(settings: Settings) -> County:
    """Read the configuration and open the store. Raises ConfigurationError."""
    organisation, policy, sources = read_county(config_folder(settings))
    settings.home.mkdir(parents=True, exist_ok=True)
    engine = open_engine(database_url(settings))
    folder = config_folder(settings)
    upward, notify = read_upward(folder), read_notify(folder)
    return County(settings, organisation, policy, sources, engine, upward, notify)
