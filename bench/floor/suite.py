"""The frozen suite: 26 expectations over the four frames as they are read, all text, blank "".

Findings 10, updates 8, checks 4, places 4. Validated the fast way: one batch from a frame with a
unique RangeIndex, COMPLETE results by position. Importing Great Expectations costs 10 s cold and
is not part of what is measured; neither is the context.
"""

import os
from typing import Any

os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")

import great_expectations as gx
import great_expectations.expectations as gxe
import pandas as pd

INSTANT = r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\+08:00$"
DAY = r"^(\d{4}-\d{2}-\d{2})?$"
MONEY = r"^\d*$"
CODE = r"^330282\d{3}$"
CHANNELS = (
    *("smart_sensing", "professional_inspection", "public_report", "grid_patrol"),
    *("undercover_visit", "media", "opinion_patrol", "self_check"),
)
SECTORS = (
    *("industry", "road_traffic", "fire", "construction", "hazardous_chemicals"),
    *("water_transport", "urban_operation", "tourism", "education", "agriculture"),
)
EVENTS = (
    *("verified", "rejected", "assigned", "bounced", "elements_filed", "started", "extended"),
    *("moved", "severity_changed", "listed", "delisted", "submitted", "acceptance_passed"),
    *("acceptance_failed", "closed", "reopened", "merged", "transferred"),
)
RESULT = {"result_format": "COMPLETE", "return_unexpected_index_query": False}


def _filled(column: str) -> Any:
    return gxe.ExpectColumnValueLengthsToBeBetween(column=column, min_value=1)


def _among(column: str, words: tuple[str, ...]) -> Any:
    return gxe.ExpectColumnValuesToBeInSet(column=column, value_set=list(words))


def _like(column: str, pattern: str) -> Any:
    return gxe.ExpectColumnValuesToMatchRegex(column=column, regex=pattern)


def suites() -> dict[str, list[Any]]:
    """File name → its expectations."""
    return {
        "findings": [
            gxe.ExpectColumnValuesToBeUnique(column="source_id"),
            *(_filled(c) for c in ("source_id", "unit_name", "category", "description")),
            _like("town_code", CODE),
            _among("sector_code", SECTORS),
            _among("severity", ("general", "major")),
            _among("channel", CHANNELS),
            _like("found_at", INSTANT),
        ],
        "updates": [
            gxe.ExpectColumnValuesToBeUnique(column="source_id"),
            *(_filled(c) for c in ("source_id", "finding_id")),
            _among("event", EVENTS),
            _like("happened_at", INSTANT),
            _like("due_date", DAY),
            _like("finished_on", DAY),
            _like("funding_spent_fen", MONEY),
        ],
        "checks": [
            *(_filled(c) for c in ("source_id", "place_id")),
            _among("channel", CHANNELS),
            _like("checked_at", INSTANT),
        ],
        "places": [
            *(_filled(c) for c in ("source_id", "name")),
            _like("town_code", CODE),
            _like("active_from", INSTANT),
        ],
    }


def context() -> Any:
    """A context in memory, with progress bars off."""
    made: Any = gx.get_context(mode="ephemeral")
    made.variables.progress_bars = {"globally": False}
    return made


def validate(context: Any, frame: pd.DataFrame, expectations: list[Any]) -> int:
    """Validate one frame; how many expectations held."""
    source = context.data_sources.add_or_update_pandas("floor")
    asset = source.add_dataframe_asset("frame")
    batch = asset.add_batch_definition_whole_dataframe("all").get_batch({"dataframe": frame})
    result = batch.validate(gx.ExpectationSuite("floor", expectations), result_format=RESULT)
    return int(result.statistics["successful_expectations"])
