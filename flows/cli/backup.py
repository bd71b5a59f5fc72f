"""`bihuan backup` and `bihuan restore`: a home as one folder, and the folder as a home again.

bihuan backup /mnt/backup/2025-03-10 --home HOME
bihuan restore /mnt/backup/2025-03-10 --home NEW_HOME
"""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from flows.cli.options import Debug, Home, Json
from flows.cli.session import session
from flows.cli.words import say

_MIB = 2**20


def backup(
    folder: Annotated[Path, typer.Argument(help=say("backup.folder"), metavar="FOLDER")],
    home: Home = None,
    json: Json = False,
    debug: Debug = False,
) -> None:
    with session(home, json, debug) as s:
        from tasks.backing_up import SECRET, back_up

        made = back_up(s.settings, folder.expanduser().absolute())
        size = f"{made.bytes / _MIB:.1f}"
        done = say("backup.done", folder=made.folder, n=made.files, size=size, schema=made.schema)
        s.out.line(done, "bold")
        s.out.warn(say("backup.secret", folder=Path(made.folder) / SECRET))
        s.out.answer(asdict(made))


def restore(
    folder: Annotated[Path, typer.Argument(help=say("restore.folder"), metavar="FOLDER")],
    home: Home = None,
    json: Json = False,
    debug: Debug = False,
) -> None:
    with session(home, json, debug, needs_home=False) as s:
        from tasks.backing_up import put_back

        made = put_back(folder.expanduser().absolute(), s.settings.home)
        s.out.line(say("restore.done", home=made.folder, n=made.files, schema=made.schema), "bold")
        s.out.line(say("restore.next", home=made.folder))
        s.out.answer(asdict(made))
