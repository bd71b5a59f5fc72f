"""LibreOffice and poppler for tests: a file converted with the project's own font names."""

import os
import re
import shutil
import subprocess
import unicodedata
from pathlib import Path

import pytest

from tests.house.code import ROOT

FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig><include>/etc/fonts/fonts.conf</include><include>{ours}</include></fontconfig>
"""


def needs(*programs: str) -> None:
    """Skip, outside CI, where a program is missing."""
    missing = [name for name in programs if not shutil.which(name)]
    if missing and os.environ.get("CI") != "true":
        pytest.skip(f"cannot be printed here: {', '.join(missing)} not found")


def to_pdf(folder: Path, pattern: str) -> None:
    """Every file of a folder that matches, converted in one call."""
    fonts = folder / "fonts.conf"
    fonts.write_text(FONTS.format(ours=ROOT / "config" / "fonts.conf"), "utf-8")
    subprocess.run(
        [
            *("soffice", f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless"),
            *("--convert-to", "pdf", "--outdir", folder, *sorted(folder.glob(pattern))),
        ],
        env={**os.environ, "HOME": str(folder), "FONTCONFIG_FILE": str(fonts)},
        capture_output=True,
        timeout=150,
        check=True,
    )


def told(program: str, pdf: Path, *more: str) -> str:
    return subprocess.run([program, pdf, *more], capture_output=True, text=True, check=True).stdout


def squeezed(words: str) -> str:
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", words))
