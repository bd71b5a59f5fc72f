"""Corrections: a delivery that brings rows of an earlier one again, put right in its workbook.

A correction is an ordinary delivery of its source and period; that it is one, and of which, stands
in the name of its part, which no file and no feed can have (`correction/of/<digest>`). Its rows
stand on the lines that they had in the first delivery, so a row needs no other link.
"""

import json

from tasks.intake.landing import MANIFEST, Delivery
from tasks.sources.correction import FIRST


def corrects(delivery: Delivery) -> str:
    """The digest of the delivery that this one corrects, "" for an ordinary one."""
    manifest = delivery.path / MANIFEST
    if not manifest.exists():  # a confirmation under a name of its own
        return ""
    parts = json.loads(manifest.read_bytes())["parts"]
    name = parts[0]["name"] if len(parts) == 1 else ""
    return str(name).removeprefix(FIRST) if str(name).startswith(FIRST) else ""
