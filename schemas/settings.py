"""Settings of one home: environment `BIHUAN_*`, then `bihuan.toml` in the home, then defaults.

Everything that differs between two installations of the same county and everything secret is
here; what the county decides is in `policy.yaml`.
"""

import os
from contextvars import ContextVar
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, SecretStr
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

_TOML: ContextVar[Path] = ContextVar("bihuan_toml", default=Path("bihuan.toml"))


class SourceSettings(BaseModel):
    """Where a source lives in this installation, and how to be let in."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    url: str | None = None
    folder: Path | None = None
    token: SecretStr | None = None
    token_file: Path | None = None
    token_url: str | None = None  # auth: oauth2; token is then the secret of client_id
    client_id: str | None = None
    allowed_hosts: tuple[str, ...] = ()  # empty: the host of `url` only
    timeout_seconds: float = Field(default=20, gt=0)
    requests_per_second: float | None = Field(default=None, gt=0)
    max_bytes: int = Field(default=256 * 2**20, gt=0)


class UpwardSettings(BaseModel):
    """A destination of reports to the level above: a drop folder, or an HTTP endpoint.

    A file goes to `url` itself and nowhere else: redirections are not followed.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    folder: Path | None = None
    url: str | None = Field(default=None, pattern=r"^https?://[^/\s]+")
    token: SecretStr | None = None
    timeout_seconds: float = Field(default=20, gt=0)


class NotifySettings(BaseModel):
    """A channel on which people are told: one or more addresses in apprise's notation.

    `dingtalk://…`, `wecombot://…`, `feishu://…`, `mailto://…`, `json://gateway/path` for a private
    gateway; `http(s)://…` is a plain webhook that gets the message's key as `Idempotency-Key`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    urls: tuple[SecretStr, ...] = Field(min_length=1)
    timeout_seconds: float = Field(default=20, gt=0)


class Settings(BaseSettings):
    """One home. `Settings.load(home)` is the only way to make one."""

    model_config = SettingsConfigDict(
        env_prefix="BIHUAN_",
        env_nested_delimiter="__",
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
    )

    home: Path
    county: str = "cixi"  # the folder of config that is used
    config_dir: Path | None = None  # None: the shipped configuration
    database_url: SecretStr | None = None  # None: SQLite in the home
    demo: bool = False  # a demo home accepts a simulated clock and says "fictitious"
    now: datetime | None = None  # simulated clock, demo homes only
    lang: str | None = None
    prefect_api_url: str | None = None  # None: an ephemeral server in the home
    serve_port: int = Field(default=4200, ge=1, le=65535)
    site_port: int = Field(default=4201, ge=1, le=65535)  # the published site and /metrics
    serve_password: bool = True  # False: whoever reaches the port may do everything
    sources: dict[str, SourceSettings] = {}
    upward: dict[str, UpwardSettings] = {}
    notify: dict[str, NotifySettings] = {}
    seal_to: tuple[str, ...] = ()  # destinations of `upward` that hold the ledger's seals
    homes: tuple[
        str, ...
    ] = ()  # homes of counties that are worked on from here; globs, see tasks.homes
    dask_scheduler: str | None = None  # address of a running Dask scheduler that backfills join

    @classmethod
    def load(cls, home: Path | str, **overrides: Any) -> "Settings":
        path = Path(home).expanduser().absolute()
        token = _TOML.set(path / "bihuan.toml")
        try:
            return cls(home=path, **overrides)._at_home()
        finally:
            _TOML.reset(token)

    def _at_home(self) -> "Settings":
        """Relative paths begin in the home, wherever a command or a worker stands."""

        def placed(path: Path | None) -> Path | None:
            return path and self.home / path.expanduser()

        sources = {
            name: one.model_copy(
                update={"folder": placed(one.folder), "token_file": placed(one.token_file)}
            )
            for name, one in self.sources.items()
        }
        upward = {
            name: one.model_copy(update={"folder": placed(one.folder)})
            for name, one in self.upward.items()
        }
        own = {"config_dir": placed(self.config_dir), "sources": sources, "upward": upward}
        return self.model_copy(update=own)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        toml = TomlConfigSettingsSource(settings_cls, toml_file=_TOML.get())
        return init_settings, env_settings, toml


def default_home() -> Path:
    return Path(os.environ.get("BIHUAN_HOME", "~/.bihuan")).expanduser()
