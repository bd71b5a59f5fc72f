"""`bihuan operator`: whose codes prove a second person.

bihuan operator enrol 李虚构 --organisation 虚构市安委办 --role leader
bihuan operator check 李虚构 --code 123456
bihuan operator retire 李虚构 --reason 调离
"""

import getpass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from flows.cli.options import Debug, Home, Json, Now
from flows.cli.output import Output
from flows.cli.session import session
from flows.cli.words import lang, say
from schemas.vocabulary import OperatorRole

if TYPE_CHECKING:
    from tasks.county import County
    from tasks.store.operators import Operator

app = typer.Typer(help=say("operator.help"), no_args_is_help=True)

Name = Annotated[str, typer.Argument(help=say("operator.name"), metavar="NAME", show_default=False)]
Actor = Annotated[str, typer.Option("--actor", help=say("act.actor"))]
COLUMNS = ("name", "organisation", "role", "enrolled", "state")


@app.command(help=say("operator.enrol.help"))
def enrol(
    name: Name,
    organisation: Annotated[
        str, typer.Option("--organisation", help=say("operator.organisation"))
    ],
    role: Annotated[OperatorRole, typer.Option("--role", help=say("operator.role"))],
    actor: Actor = "", home: Home = None, now: Now = None, json: Json = False, debug: Debug = False,
) -> None:  # fmt: skip
    with session(home, json, debug, now=now) as s:
        from flows.runtime import moment, opened
        from tasks.enrolling import enrol as do

        who = actor or getpass.getuser()
        made = do(opened(), name, organisation, role, who, moment())
        key = "operator.enrol.again" if made.is_again else "operator.enrol.done"
        s.out.line(say(key, name=made.name), "bold")
        s.out.line(say("operator.enrol.uri", uri=made.uri))
        groups = [made.secret[i : i + 4] for i in range(0, len(made.secret), 4)]
        s.out.line(say("operator.enrol.secret", secret=" ".join(groups)))
        s.out.warn(say("operator.enrol.once"))
        s.out.answer({"name": made.name, "again": made.is_again, "uri": made.uri,
                      "secret": made.secret})  # fmt: skip


@app.command(name="list", help=say("operator.list.help"))
def list_(home: Home = None, json: Json = False, debug: Debug = False) -> None:
    with session(home, json, debug) as s:
        from flows.runtime import moment, opened
        from tasks.operators import operators

        county, at = opened(), moment()
        found = [_shown(county, operator, at) for operator in operators(county)]
        if found:
            show(s.out, found)
        else:
            s.out.line(say("operator.list.none"))
        s.out.answer({"operators": found})


def show(out: Output, found: list[dict[str, Any]]) -> None:
    from tasks.rendering.catalogue import text

    rows = [
        [
            o["name"],
            o["organisation"],
            text(f"operator_role.{o['role']}", lang()),
            o["enrolled_at"],
            say(f"operator.state.{o['state']}", at=o["locked_until"] or o["retired_at"]),
        ]
        for o in found
    ]
    out.table(say("operator.list.title"), [say(f"operator.column.{c}") for c in COLUMNS], rows)


def _shown(county: "County", operator: "Operator", now: int) -> dict[str, Any]:
    """The stable keys of an operator in JSON; times in the county's zone, null for never."""
    from tasks.publication.reporting import instant

    is_locked = operator.locked_until > now
    state = "retired" if operator.retired_at else "locked" if is_locked else "active"
    times = {
        "enrolled_at": operator.enrolled_at,
        "retired_at": operator.retired_at,
        "locked_until": operator.locked_until if is_locked else 0,
    }
    return {
        "name": operator.name,
        "organisation": operator.organisation,
        "role": operator.role,
        "state": state,
        **{key: instant(ms, county.zone) if ms else None for key, ms in times.items()},
    }


@app.command(help=say("operator.retire.help"))
def retire(
    name: Name,
    reason: Annotated[str, typer.Option("--reason", help=say("identity.reason"))],
    actor: Actor = "", home: Home = None, now: Now = None, json: Json = False, debug: Debug = False,
) -> None:  # fmt: skip
    with session(home, json, debug, now=now) as s:
        from flows.runtime import moment, opened
        from tasks.enrolling import retire as do

        county, at = opened(), moment()
        retired = do(county, name, reason, actor or getpass.getuser(), at)
        s.out.line(say("operator.retire.done", name=retired.name), "bold")
        s.out.answer(_shown(county, retired, at))


@app.command(help=say("operator.check.help"))
def check(
    name: Name,
    code: Annotated[str, typer.Option("--code", help=say("operator.code"))],
    home: Home = None, now: Now = None, json: Json = False, debug: Debug = False,
) -> None:  # fmt: skip
    with session(home, json, debug, now=now) as s:
        from flows.runtime import moment, opened
        from tasks.operators import prove

        proved = prove(opened(), name, code, moment())
        s.out.line(say("operator.check.done", name=proved.name), "bold")
        s.out.answer({"ok": True, "name": proved.name, "organisation": proved.organisation,
                      "role": proved.role})  # fmt: skip
