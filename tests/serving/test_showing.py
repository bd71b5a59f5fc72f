"""The site over HTTP: what everybody may read, what asks for the password, and nothing else."""

import socket
import stat
from collections.abc import Iterator
from dataclasses import replace
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest
import requests

from flows import access
from flows.showing import ShowFailed, shown
from tasks.county import County


@pytest.fixture
def site(county: County) -> Iterator[str]:
    with shown(county) as address:
        yield address


def _get(site: str, path: str, **named: object) -> requests.Response:
    with requests.Session() as session:
        session.trust_env = False
        return session.get(site + path, timeout=10, allow_redirects=False, **named)  # type: ignore[arg-type]


def _login(county: County) -> tuple[str, str]:
    user, _, password = access.password(county.settings).partition(":")
    return user, password


def test_everybody_reads_the_public_site(site: str) -> None:
    answer = _get(site, "/")
    assert (answer.status_code, answer.text) == (200, "<p>public</p>")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("path", ["/internal/", "/pages/", "/internal/index.html", "/metrics"])
def test_what_is_the_offices_own_asks_for_the_password(
    county: County, site: str, path: str
) -> None:
    asked = _get(site, path)
    assert asked.status_code == 401
    assert "Basic" in asked.headers["WWW-Authenticate"]
    assert _get(site, path, auth=("admin", "guessed")).status_code == 401
    assert _get(site, path, headers={"Authorization": "Basic §§§".encode()}).status_code == 401
    assert _get(site, path, auth=_login(county)).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/../secret.txt",
        "/%2e%2e/secret.txt",
        "/zh/../../secret.txt",
        "//secret.txt",
        "/..%2fsecret.txt",
        "/pages/../secret.txt",
        "/%2e%2e/site-internal/index.html",
        "/%2finternal/index.html",
        "/../pages/index.html",
    ],
)
def test_no_path_leads_out_of_the_site(county: County, site: str, path: str) -> None:
    at = urlsplit(site)
    connection = HTTPConnection(at.hostname or "", at.port, timeout=10)
    connection.request("GET", path)  # as it is: requests would tidy it
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    assert answer.status in (301, 400, 401, 404)
    for sealed in (b"canary-secret", b"internal</p>", b"pending</p>"):
        assert sealed not in body


def test_no_folder_is_listed(site: str) -> None:
    assert _get(site, "/zh/").status_code == 404


def test_a_link_out_of_the_site_is_not_followed(county: County, site: str) -> None:
    (county.home / "site" / "out.html").symlink_to(county.home / "secret.txt")
    assert _get(site, "/out.html").status_code == 404


def test_metrics_are_the_countys_pulse(county: County, site: str) -> None:
    told = _get(site, "/metrics", auth=_login(county)).text
    assert f'bihuan_up{{county="{county.code}"}} 1.0' in told
    assert f'bihuan_hazards_open{{county="{county.code}"}} 1.0' in told
    assert 'bihuan_source_rows_taken{county="330282",source="findings"} 1.0' in told


def test_without_a_password_everything_is_open(county: County) -> None:
    settings = county.settings.model_copy(update={"serve_password": False})
    with shown(replace(county, settings=settings)) as site:
        assert _get(site, "/pages/").status_code == 200


def test_the_password_is_made_once_and_read_by_its_owner_only(county: County) -> None:
    path = county.home / access.PASSWORD_FILE
    before = path.read_text()
    assert access.establish(county.settings) == before.strip()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(before.partition(":")[2]) > 20


def test_a_taken_port_is_named_with_what_to_change(county: County) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", county.settings.site_port))
        other.listen()
        with pytest.raises(ShowFailed, match=r"site_port.*bihuan\.toml"), shown(county):
            pass
