"""`bihuan vault key`: the custodian's keys. A private key is never written into a home.

bihuan vault key new --out FILE       on the custodian's own machine; shows the public key
bihuan vault key use PUBLIC …         in the home: seal for it from now on
"""

import getpass
from pathlib import Path
from typing import Annotated

import typer

from flows.cli.options import Debug, Home, Json, Now
from flows.cli.session import Refused, Session, session
from flows.cli.words import say

app = typer.Typer(help=say("vault.key.help"), no_args_is_help=True)


@app.command(help=say("vault.key.new.help"))
def new(
    out: Annotated[Path, typer.Option("--out", help=say("vault.key.new.out"), metavar="FILE")],
    home: Home = None,
    json: Json = False,
    debug: Debug = False,
) -> None:
    with session(home, json, debug, needs_home=False) as s:
        from tasks.store.vault_keys import generate_keypair, key_id, write_key

        require_outside(s.settings.home, out)
        keys = generate_keypair()
        write_key(out.expanduser(), keys.private.hex().encode() + b"\n")
        public, key = keys.public.hex(), key_id(keys.public)
        s.out.line(say("vault.key.new.done", file=out), "bold")
        s.out.line(say("vault.key.new.public", public=public, key_id=key))
        s.out.answer({"file": str(out), "public": public, "key": key})


def _bytes(value: str) -> bytes:
    try:
        return bytes.fromhex(value)
    except ValueError:
        raise typer.BadParameter(say("vault.key.use.bad", value=value)) from None


@app.command(help=say("vault.key.use.help"))
def use(
    public: Annotated[str, typer.Argument(help=say("vault.key.use.public"), metavar="PUBLIC")],
    reason: Annotated[str, typer.Option("--reason", help=say("vault.erase.reason"))],
    approver: Annotated[str, typer.Option("--approver", help=say("vault.approver"))],
    code: Annotated[str, typer.Option("--code", help=say("vault.code"))] = "",
    actor: Annotated[str, typer.Option("--actor", help=say("vault.actor"))] = "",
    home: Home = None,
    now: Now = None,
    json: Json = False,
    debug: Debug = False,
) -> None:
    with session(home, json, debug, now=now) as s:
        from flows.runtime import moment, opened
        from tasks.vaulting import Order, change_key

        order = Order(reason, actor or getpass.getuser(), approver, code)
        key = change_key(opened(), _bytes(public), order, moment())
        s.out.line(say("vault.key.use.done", key_id=key), "bold")
        s.out.answer({"key": key})


def require_outside(home: Path, file: Path) -> None:
    """Raises Refused for a file in a home."""
    if file.expanduser().absolute().is_relative_to(home):
        raise Refused(say("vault.key.in_home", file=file, home=home))


def warn_of(s: Session, key: Path) -> None:
    """A key that lies where it must not stay, but for a demo's, which is thrown away."""
    home = s.settings.home
    if key.expanduser().absolute().is_relative_to(home) and not s.settings.demo:
        s.out.warn(say("vault.key_in_home", file=key))
