"""A home with something to show, on ports of its own."""

import socket
from dataclasses import replace
from pathlib import Path

import pytest

from flows import access
from tasks.county import County
from tests.store.tiny import MONDAY, Tiny, finding

# The flows that two workers are given: deployment → module and function.
ENTRYPOINTS = {"collect": ("flows.collect", "collect"), "act": ("flows.act", "act")}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def tiny(tmp_path: Path, migrated_file: Path) -> Tiny:
    return Tiny.make(tmp_path, migrated_file)


@pytest.fixture
def county(tiny: Tiny) -> County:
    """With a public page, an internal one, one for operators, and a password."""
    tiny.bring(MONDAY, [finding("N1")], [])
    home = tiny.county.home
    for folder, said in (("site", "public"), ("site-internal", "internal"), ("pages", "pending")):
        (home / folder / "zh").mkdir(parents=True)
        (home / folder / "index.html").write_text(f"<p>{said}</p>")
    (home / "secret.txt").write_text("canary-secret")
    settings = tiny.county.settings.model_copy(update={"site_port": free_port()})
    access.establish(settings)
    return replace(tiny.county, settings=settings)
