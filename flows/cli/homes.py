"""`bihuan init` and `bihuan migrate`: a home is made, and its store brought up to this program.

A home is a folder: bihuan.toml, the store (unless PostgreSQL is named), landed deliveries,
editions, the vault, Prefect's own database, the log. What exists is kept; init can be run again.
"""

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from flows.cli.options import Debug, Home, Json
from flows.cli.output import Output
from flows.cli.session import Refused, load_settings, session
from flows.cli.words import lang, say

if TYPE_CHECKING:
    from schemas.settings import Settings

KEY_SUFFIX = ".custodian.key"  # beside the home, under its name
THROW_AWAY = "throw-away-custodian.key"  # a demo's: it opens nobody who exists
SCHEMA_FILE = "source.schema.json"  # named by the first line of every source's YAML


def init(
    county: Annotated[str, typer.Option("--county", help=say("init.county"))] = "cixi",
    copy_config: Annotated[
        bool, typer.Option("--copy-config", help=say("init.copy_config"))
    ] = False,
    custodian_key: Annotated[
        Path | None,
        typer.Option(
            "--custodian-key", help=say("init.custodian_key"), metavar="FILE", show_default=False
        ),
    ] = None,
    home: Home = None,
    json: Json = False,
    debug: Debug = False,
) -> None:
    with session(home, json, debug, needs_home=False) as s:
        made = make_home(s.settings.home, county, copy_config=copy_config, key=custodian_key)
        show(s.out, made)
        s.out.answer(made)


def make_home(
    home: Path, county: str, *, copy_config: bool = False, key: Path | None = None
) -> dict[str, Any]:
    """Create what is missing of a home: {home, created, kept, schema, private_key}.

    key: where a new vault's private key is written; None: beside the home, a demo's within it.
    """
    home.mkdir(parents=True, exist_ok=True)
    created: list[str] = []
    config = copy_of_config(home, county, created) if copy_config else None
    if not (home / "bihuan.toml").exists():
        write_toml(home, toml(county, config))
        created.append("bihuan.toml")
    settings = load_settings(home)
    version = upgrade_store(settings)[1]
    written = establish_vault(settings, key)
    created.extend([] if written is None else ["vault", str(written)])
    return {
        "home": str(home),
        "created": created,
        "schema": version,
        "private_key": None if written is None else str(written),
    }


def copy_of_config(home: Path, county: str, created: list[str]) -> Path:
    """The county's configuration as files of this home, to be edited; an existing copy is kept."""
    from tasks.configuration import shipped

    source, target = shipped() / "config" / county, home / "config" / county
    if not source.is_dir():
        known = ", ".join(sorted(p.name for p in source.parent.iterdir() if p.is_dir()))
        raise Refused(say("init.no_county", county=county, known=known))
    if not target.exists():
        shutil.copytree(source, target)
        shutil.copyfile(source.parent / SCHEMA_FILE, target.parent / SCHEMA_FILE)
        created.append(f"config/{county}")
    return target.parent


def toml(county: str, config: Path | None, extra: str = "") -> str:
    """The text of a bihuan.toml, every setting explained."""
    from tasks.rendering.catalogue import text

    folder = f'config_dir = "{config}"' if config else '# config_dir = "config"'
    return text("cli.home.toml", lang(), county=county, config=folder) + extra


def write_toml(home: Path, content: str) -> None:
    """Tokens may be added to it, so only its owner reads it."""
    handle = os.open(home / "bihuan.toml", os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(content)


def upgrade_store(settings: "Settings") -> tuple[str, str]:
    """(version before, version after). On PostgreSQL the county gets its parts, roles their rights.

    Raises NotTheOwner where another must do it.
    """
    from tasks.county import open_county
    from tasks.store import parts, privileges
    from tasks.store.schema import upgrade, version

    county = open_county(settings)
    before = version(county.engine)
    privileges.require_owner(county.engine)
    after = upgrade(county.engine)
    parts.open_county(county.engine, county.code)
    privileges.grant(county.engine)
    county.engine.dispose()
    return before, after


def establish_vault(settings: "Settings", key: Path | None) -> Path | None:
    """Make the vault; its private key is written once, for the custodian to take away.

    Raises Refused for a place in the home, VaultError where a key lies there already.
    """
    from flows.cli.vault_keys import require_outside
    from tasks.store import vault

    home = settings.home
    if vault.exists(home / "vault"):
        return None
    if settings.demo and key is None:
        path = home / THROW_AWAY
    else:
        path = (key or home.with_name(home.name + KEY_SUFFIX)).expanduser().absolute()
        require_outside(home, path)
    keys = vault.generate_keypair()
    vault.write_key(path, keys.private.hex().encode() + b"\n")
    vault.establish(home / "vault", keys.public)
    return path


def show(out: Output, made: dict[str, Any]) -> None:
    key = "init.made" if made["created"] else "init.kept"
    out.line(say(key, home=made["home"], created=", ".join(made["created"])), "bold")
    if made["private_key"]:
        is_demo = Path(made["private_key"]).name == THROW_AWAY
        out.warn(say("init.throw_away" if is_demo else "init.key", file=made["private_key"]))
    out.line(say("init.next", home=made["home"]))


def migrate(home: Home = None, json: Json = False, debug: Debug = False) -> None:
    with session(home, json, debug) as s:
        before, after = upgrade_store(s.settings)
        key = "migrate.done" if before != after else "migrate.current"
        s.out.line(say(key, before=before or "-", after=after))
        s.out.answer({"before": before, "after": after, "changed": before != after})
