"""What a town may look at before an edition is signed: every item behind its row, as a workbook.

One workbook per town: a line per hazard, a column per measure with what it adds to the printed
count, and the sums over it, which are the cells of the draft. Built from one pass for all towns.
"""

from collections.abc import Iterator, Mapping

import pandas as pd

from rules.kinds import period_of
from schemas.edition import MEASURES, Edition
from schemas.vocabulary import EditionKind
from tasks.county import County
from tasks.publication.body import cut_of
from tasks.publication.itemised import Item, listed
from tasks.rendering.preview import Line, render_preview
from tasks.store import items
from tasks.store.engine import Connection

LANG = "zh"  # what towns are sent


def previews(connection: Connection, county: County, edition: Edition) -> dict[str, bytes]:
    """File name → workbook, for every town of a draft."""
    body = edition["body"]
    period = period_of(EditionKind(body["kind"]), body["period"], county.zone)
    cut = cut_of(county, period, edition["watermark"])
    rows = items.items(connection, cut, "period", MEASURES)
    said = listed(connection, county, cut, rows["root_id"].unique().tolist())
    of_town = dict(iter(rows.groupby("town")))
    return {
        f"town-{unit['code']}.xlsx": render_preview(
            edition, unit, list(_lines(of_town.get(unit["code"]), said)), LANG
        )
        for unit in body["towns"]
    }


def _lines(rows: pd.DataFrame | None, said: Mapping[str, Item]) -> Iterator[Line]:
    if rows is None:
        return
    counts = rows.pivot_table(index="root_id", columns="measure", values="value", aggfunc="sum")
    for root, row in counts.to_dict("index").items():
        adds = {str(m): int(n) for m, n in row.items() if n == n}  # NaN: adds nothing
        yield Line(said[str(root)], adds)
