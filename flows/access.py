"""The password of a served home: one per home, in a file that only its owner reads.

Promise: what `bihuan serve` opens asks for a password unless `serve_password = false` in the home's
settings says otherwise; it is in no log, no argument list and no configuration. A password that the
environment names (PREFECT_SERVER_API_AUTH_STRING) is used as it is.

    PASSWORD_FILE of the home: `admin:…`, what Prefect's log-in page asks for
"""

import os
import secrets
from base64 import b64encode

from schemas.settings import Settings

PASSWORD_FILE = "serve.password"
_ENVIRONMENT = "PREFECT_SERVER_API_AUTH_STRING"


def password(settings: Settings) -> str:
    """`user:password` of this home's server; "" where it asks for none or was never served."""
    if given := os.environ.get(_ENVIRONMENT):
        return given
    path = settings.home / PASSWORD_FILE
    if not settings.serve_password or not path.exists():
        return ""
    return path.read_text("ascii").strip()


def establish(settings: Settings) -> str:
    """The same; made and written where there is none yet and one is wanted."""
    found = password(settings)
    if found or not settings.serve_password:
        return found
    made = f"admin:{secrets.token_urlsafe(18)}"
    path = settings.home / PASSWORD_FILE
    handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(made + "\n")
    return made


def header(settings: Settings) -> dict[str, str]:
    """What a request to this home's server carries."""
    known = password(settings)
    return {"Authorization": f"Basic {b64encode(known.encode()).decode()}"} if known else {}


def variables(settings: Settings) -> dict[str, str]:
    """What Prefect's server, workers and clients of this home read."""
    known = password(settings)
    return {_ENVIRONMENT: known, "PREFECT_API_AUTH_STRING": known} if known else {}
