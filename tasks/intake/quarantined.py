"""Quarantine: refused rows keep the sender's own cells, and waiting rows what they wait for.

Nothing that came is lost: a row is taken into the ledger, known already, or here with its reasons.
The same bad row sent again is known, not refused twice.
"""

import hashlib
from collections.abc import Mapping
from typing import Any

import orjson
import pandas as pd

from tasks.intake.landing_redaction import MARK
from tasks.rendering.wording import scrubbed

SEALED = "sealed 已封存"  # in every language, because it comes back as it went out


def rows_of(
    layouts: list[pd.DataFrame], refused: pd.DataFrame, waits_for: dict[int, str]
) -> pd.DataFrame:
    """Quarantine rows (without stamps) for refused lines; `layouts` hold the senders' cells."""
    texts: dict[int, str] = {}
    for rows in layouts:
        chosen = rows[rows["line"].isin(refused["line"])]
        texts |= dict(zip(chosen["line"], map(_cells, chosen.to_dict("records")), strict=True))
    cells = [texts[line] for line in refused["line"]]
    return refused.assign(
        cells=cells,
        cells_digest=[hashlib.sha256(c.encode()).hexdigest() for c in cells],
        waits_for=[waits_for.get(line, "") for line in refused["line"]],
    )


def digest_of(record: Mapping[Any, object]) -> str:
    """What makes a refused row the same row: its filled cells."""
    return hashlib.sha256(_cells(record).encode()).hexdigest()


def shown(cell: str) -> str:
    """A cell as a workbook shows it: printable, and sealed where it tells of a reporter."""
    return SEALED if cell.startswith(MARK) else str(scrubbed(cell))


def _cells(record: Mapping[Any, object]) -> str:
    filled = {str(k): v for k, v in record.items() if isinstance(v, str) and v != ""}
    return orjson.dumps(filled, option=orjson.OPT_SORT_KEYS).decode()
