"""The lock without what only developers need: what the project's own dependencies pull in.

python tools/runtime_lock.py > runtime.lock    needs nothing but Python, asks no network

Promise: every line is one of requirements.lock, with its hashes; a package is kept when the project
asks for it, or when something that is kept does (the lock's own `# via` lines say so).
"""

import re
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
_NAME = re.compile(r"^[A-Za-z0-9._-]+")


def name_of(requirement: str) -> str:
    """`SQLAlchemy[asyncio]==2.0.58` → `sqlalchemy`"""
    found = _NAME.match(requirement)
    assert found, requirement
    return re.sub(r"[-_.]+", "-", found[0]).lower()


def blocks(lock: str) -> list[str]:
    """One text per pin, with its hashes and its `# via` lines."""
    return re.split(r"(?m)^(?=[A-Za-z0-9])", lock)[1:]


def parents(block: str) -> set[str]:
    """Who asks for the package of a block."""
    said = block.partition("# via")[2]
    return {name_of(line.strip("# ")) for line in said.splitlines() if line.strip("# ")}


def kept(lock: str, asked: list[str]) -> list[str]:
    """The blocks that the project's dependencies need, in the lock's order."""
    everything = blocks(lock)
    names = {name_of(requirement) for requirement in asked}
    while True:
        more = {name_of(b) for b in everything if parents(b) & names} - names
        if not more:
            return [b for b in everything if name_of(b) in names]
        names |= more


def main() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    lock = (ROOT / "requirements.lock").read_text("utf-8")
    sys.stdout.write("".join(kept(lock, project["dependencies"])))


if __name__ == "__main__":
    main()
