"""Is the environment what the lock says, to the byte?  python tools/verify_environment.py

Promise: needs no network and changes nothing. Every distribution that the lock wants here is
installed in that version, nothing else is, each of their files is what its wheel's RECORD says,
and they agree with each other (`pip check`). One line per finding; exit code 1 when there is any.
"""

import base64
import hashlib
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import Distribution, PackagePath, distributions
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

# What `python -m venv` brings, and this source tree itself.
BESIDE = {"pip", "setuptools", "wheel", "bihuan"}
LOCK = Path(__file__).resolve().parents[1] / "requirements.lock"


def wanted(lock: str) -> dict[str, str]:
    """Version by name, of the lines whose markers hold here."""
    found: dict[str, str] = {}
    for line in re.findall(r"(?m)^([A-Za-z0-9][^\\\n]*)", lock):
        requirement = Requirement(line.strip())
        if requirement.marker is None or requirement.marker.evaluate():
            (pin,) = requirement.specifier
            found[canonicalize_name(requirement.name)] = pin.version
    return found


def versions(lock: dict[str, str], installed: dict[str, Distribution]) -> Iterator[str]:
    """Where lock and environment differ."""
    for name, version in lock.items():
        if name not in installed:
            yield f"{name} {version} is in the lock and not installed: make venv"
        elif installed[name].version != version:
            yield f"{name} is {installed[name].version}, the lock says {version}: make venv"
    for name in sorted(set(installed) - set(lock) - BESIDE):
        yield f"{name} {installed[name].version} is installed and not in the lock: make clean venv"


def files(installed: dict[str, Distribution]) -> Iterator[str]:
    """Files that are not what their wheel brought."""
    for name in sorted(set(installed) - BESIDE):
        for path in installed[name].files or ():
            if problem := _problem(path):
                yield f"{name}: {path} {problem}: make clean venv"


def _problem(path: PackagePath) -> str:
    """What is wrong with one file; "" for one that is as recorded, or recorded without a hash."""
    if path.hash is None:
        return ""
    try:
        content = Path(str(path.locate())).read_bytes()
    except OSError:
        return "is missing"
    digest = hashlib.new(path.hash.mode, content).digest()
    same = base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == path.hash.value
    return "" if same else "was changed after it was installed"


def disagreements() -> Iterator[str]:
    """What pip says of distributions that do not fit together."""
    check = [sys.executable, "-m", "pip", "check"]
    done = subprocess.run(check, capture_output=True, text=True, check=False)
    if done.returncode:
        yield from done.stdout.splitlines()


def main() -> int:
    installed = {str(canonicalize_name(d.metadata["Name"])): d for d in distributions()}
    lock = wanted(LOCK.read_text("utf-8"))
    differing = [*versions(lock, installed), *files(installed), *disagreements()]
    told = f"{len(lock)} pinned, {len(installed)} installed, {len(differing)} findings"
    sys.stdout.write("\n".join([*differing, told]) + "\n")
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
