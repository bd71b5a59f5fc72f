"""A throwaway MariaDB on loopback, for tests of databases that others run; never for an office.

`throwaway_mariadb(folder)` starts the server that Debian's mariadb-server-core (with
mariadb-client-core) brings, its data in `folder`, and stops it on exit. It gives the address of an
empty database.
"""

import getpass
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

START_SECONDS = 60


def is_installed() -> bool:
    return all(shutil.which(name) for name in ("mariadbd", "my_print_defaults"))


def _user() -> str:
    """Whoever runs the tests; as root the server must be told that this is meant."""
    return getpass.getuser()


@contextmanager
def throwaway_mariadb(folder: Path) -> Iterator[str]:
    """The SQLAlchemy URL (mysql://…) of an empty database whose owner may do everything in it."""
    data = folder / "data"
    options = ["--auth-root-authentication-method=normal", "--skip-test-db", f"--user={_user()}"]
    command = ["mariadb-install-db", "--no-defaults", f"--datadir={data}", *options]
    subprocess.run(command, check=True, capture_output=True)
    port, start = _free_port(), folder / "start.sql"
    start.write_text("CREATE DATABASE exchange CHARACTER SET utf8mb4;\n", "utf-8")
    options = ["--no-defaults", f"--datadir={data}", f"--init-file={start}", f"--user={_user()}"]
    options += ["--bind-address=127.0.0.1", f"--port={port}", f"--socket={folder / 's'}"]
    server = subprocess.Popen(["mariadbd", *options], stderr=subprocess.DEVNULL)
    try:
        _wait(server, port)
        yield f"mysql://root@127.0.0.1:{port}/exchange"
    finally:
        server.terminate()
        server.wait(timeout=START_SECONDS)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
    return port


def _wait(server: subprocess.Popen[bytes], port: int) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and server.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("mariadbd did not start")
