"""The `bihuan` command. `bihuan --help` lists everything; nothing heavy is imported for it.

bihuan demo --home DIR        try everything on a fictitious city
bihuan init --home DIR        begin for real
"""

import typer

from flows.cli import (
    act,
    audit,
    backfill,
    backup,
    bulk,
    bulletin,
    collect,
    database,
    demo,
    doctor,
    enforcement,
    explain,
    hazard,
    homes,
    identity,
    ladder,
    late,
    listing,
    objection,
    operators,
    paper,
    pending,
    place,
    province,
    quarantine,
    report,
    seal,
    serve,
    site,
    source,
    status,
    supervise,
    upward,
    vault,
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
    backup.backup,
    backup.restore,
    doctor.doctor,
    collect.collect,
    backfill.backfill,
    supervise.supervise,
    late.late,
    act.act,
    bulk.bulk,
    enforcement.enforcement,
    explain.explain,
    objection.challenge,
    upward.upward,
    audit.audit,
    pending.pending,
    pending.approve,
    serve.serve,
    status.status,
):
    app.command(help=say(f"{command.__name__}.help"))(command)
app.add_typer(bulletin.app, name="bulletin")
app.add_typer(site.app, name="site")
app.add_typer(source.app, name="source")
app.add_typer(quarantine.app, name="quarantine")
app.add_typer(report.app, name="report")
app.add_typer(identity.app, name="identity")
app.add_typer(ladder.app, name="ladder")
app.add_typer(listing.app, name="listing")
app.add_typer(objection.app, name="objection")
app.add_typer(place.app, name="place")
app.add_typer(province.app, name="province")
app.add_typer(paper.app, name="paper")
app.add_typer(operators.app, name="operator")
app.add_typer(database.app, name="database")
app.add_typer(vault.app, name="vault")
app.add_typer(hazard.app, name="hazard")
app.add_typer(seal.app, name="seal")


def main() -> None:
    app()
