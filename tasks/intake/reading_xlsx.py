"""Workbooks as csv text: judged from outside, then parsed here or in a child that may be killed.

What is plainly small once unpacked is parsed in this process: a child costs 40 ms, a town's ledger
3 ms. Everything else, and every format of which the size cannot be told from outside (xls, ods), is
parsed in a child of 512 MB and 30 s (`reading_transcript`, docs/decisions/0008). A child that dies
is a refusal with its reason, never a crash.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

from tasks.intake import reading_transcript as child
from tasks.intake.reading_heading import Layout
from tasks.intake.reading_malformed import Malformed
from tasks.intake.reading_xlsx_guard import Measured, guard

SMALL_UNPACKED = 4 << 20  # bytes
SMALL_RECTANGLE = 200_000  # cells from A1 to the last one, of all sheets
CELL_BYTES = 20
SMALL_TEXT = 64 << 20  # bytes, were every cell the longest text there is
WALL_SECONDS = 60.0  # a busy machine may be slow; a parser that hangs uses its 30 s of processor
ROOT = Path(__file__).resolve().parents[2]
OLE = b"\xd0\xcf\x11\xe0"


def transcripts(content: bytes, media: str, layout: Layout) -> Iterator[tuple[str, str]]:
    """(name, csv text) of each sheet that is asked for. Raises Malformed."""
    if judged(content, media):
        yield from child.transcribe(content, layout)
    else:
        yield from _by_child(content, layout)


def judged(content: bytes, media: str) -> bool:
    """Whether a workbook is small enough for this process. Raises Malformed when it is none."""
    if media == "xls":
        if not content.startswith(OLE):
            raise Malformed("not an xls workbook, whatever its name says; save it as .xlsx")
        return False
    measured = guard(content)
    return media == "xlsx" and _is_small(measured)


def _is_small(measured: Measured) -> bool:
    """A shared text may stand in every cell, so the parser may write it out as often. A cell takes
    some 20 bytes of a sheet."""
    return (
        measured.is_plain
        and measured.unpacked <= SMALL_UNPACKED
        and measured.rectangle <= SMALL_RECTANGLE
        and measured.unpacked // CELL_BYTES * measured.longest <= SMALL_TEXT
    )


def _by_child(content: bytes, layout: Layout) -> Iterator[tuple[str, str]]:
    with TemporaryFile() as answer:
        code = _run(content, layout, answer)
        answer.seek(0)
        yield from _sheets(answer, code)


def _run(content: bytes, layout: Layout, answer: IO[bytes]) -> int:
    paths = [str(ROOT), os.environ.get("PYTHONPATH", "")]
    try:
        return subprocess.run(
            [sys.executable, "-P", "-m", child.__name__],
            input=child.request(layout, content),
            stdout=answer,
            stderr=subprocess.DEVNULL,
            timeout=WALL_SECONDS,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, paths))},
            check=False,
        ).returncode
    except subprocess.TimeoutExpired:
        return -signal.SIGXCPU


def _sheets(answer: IO[bytes], code: int) -> Iterator[tuple[str, str]]:
    """What the child wrote; only an answer that it ended is one."""
    while line := answer.readline():
        said = json.loads(line) if line.endswith(b"\n") else {}
        if "refused" in said:
            raise Malformed(said["refused"])
        if code or not said:
            break
        if "end" in said:
            return
        yield said["sheet"], answer.read(said["bytes"]).decode()
    raise Malformed(_why(code))


def _why(code: int) -> str:
    megabytes = child.MEMORY >> 20
    if code in (-signal.SIGXCPU, -signal.SIGKILL):
        return f"parsing it takes more than {child.SECONDS} s; send it in parts, or as .csv"
    if code == child.TOO_LONG:
        return f"it holds more than {child.TEXT >> 20} MB of text; send it in parts, or as .csv"
    if code in (child.NO_MEMORY, -signal.SIGABRT, -signal.SIGSEGV):
        return f"parsing it takes more than {megabytes} MB of memory; send it in parts, or as .csv"
    return f"the workbook is damaged (its parser ended with {code})"
