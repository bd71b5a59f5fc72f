"""The `bihuan` command. `bihuan --help` lists everything; nothing heavy is imported for it.

bihuan demo --home DIR        try everything on a fictitious city
bihuan init --home DIR        begin for real
"""

import typer

from flows.cli import (
    act,
    audit,
    bulletin,
    collect,
    demo,
    doctor,
    homes,
    identity,
    late,
    quarantine,
    serve,
    source,
    supervise,
)
from flows.cli.words import say

app = typer.Typer(
    name="bihuan",
    help=say("help"),
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for command in (
    demo.demo,
    homes.init,
    homes.migrate,
    doctor.doctor,
    collect.collect,
    supervise.supervise,
    late.late,
    act.act,
    audit.audit,
    serve.serve,
):
    app.command(help=say(f"{command.__name__}.help"))(command)
app.add_typer(bulletin.app, name="bulletin")
app.add_typer(source.app, name="source")
app.add_typer(quarantine.app, name="quarantine")
app.add_typer(identity.app, name="identity")


def main() -> None:
    app()
