"""A small county, one row of its grid ledger, and declarations made from parts of one."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd

from schemas.organisation import Organisation
from schemas.source import SourceDeclaration
from schemas.vocabulary import RecordKind
from tasks.intake.mapping import map_rows
from tasks.references import NO_REFERENCES, References

SHANGHAI = ZoneInfo("Asia/Shanghai")

ORGANISATION = Organisation.model_validate(
    {
        "code": "999901",
        "name": {"zh": "示例市", "en": "Example City"},
        "towns": [
            {
                "code": "999901001",
                "name": {"zh": "东镇", "en": "East"},
                "aliases": ["东镇人民政府"],
            },
            {"code": "999901002", "name": {"zh": "西镇", "en": "West"}},
        ],
        "sectors": [
            {
                "code": "fire",
                "name": {"zh": "消防", "en": "Fire"},
                "committee": {"zh": "消防专委会", "en": "Fire committee"},
            }
        ],
    }
)

FINDING_FIELDS: dict[str, Any] = {
    "source_id": "编号",
    "town_code": {"from": "镇街", "town": True},
    "sector_code": {"const": "fire"},
    "description": "内容",
    "severity": {"from": "等级", "map": {"一般": "general", "重大": "major"}},
    "channel": {"const": "grid_patrol"},
    "found_at": {"from": "时间", "time": ["%Y/%m/%d %H:%M", "iso"], "zone": "Asia/Shanghai"},
}

ROW = {
    "编号": "Ａ－００１",
    "镇街": "东镇人民政府",
    "内容": "\u3000通道堵塞，共３处\u00a0",
    "等级": "重大",
    "时间": "2025/3/4 09:05",
}


def declare(
    *records: dict[str, Any], connector: str = "workbook", **head: Any
) -> SourceDeclaration:
    connectors = {
        "workbook": {"type": "workbook", "name": r".*\.csv"},
        "http_json": {"type": "http_json", "path": "/items"},
    }
    return SourceDeclaration.model_validate(
        {
            "name": "grid",
            "title": {"zh": "网格", "en": "Grid"},
            "owner": {"zh": "示例", "en": "Example"},
            "connector": connectors[connector],
            "cadence": "weekly",
            "records": list(records),
            **head,
        }
    )


def finding(**fields: Any) -> dict[str, Any]:
    return {"record": "finding", "fields": {**FINDING_FIELDS, **fields}}


def update(source_id: Any, event: str, **fields: Any) -> dict[str, Any]:
    return {
        "record": "update",
        "fields": {
            "source_id": source_id,
            "finding_id": "编号",
            "event": {"const": event},
            "happened_at": FINDING_FIELDS["found_at"],
            **fields,
        },
    }


def rows(*cells: dict[str, str]) -> pd.DataFrame:
    return pd.DataFrame(list(cells)).fillna("").astype("str").assign(line=range(2, len(cells) + 2))


def mapped(
    declaration: SourceDeclaration, *cells: dict[str, str], references: References = NO_REFERENCES
) -> dict[RecordKind, pd.DataFrame]:
    return map_rows(rows(*cells), declaration, ORGANISATION, references)


def ms(*when: int) -> int:
    return int(datetime(*when, tzinfo=SHANGHAI).timestamp() * 1000)  # type: ignore[misc]


def one(**fields: Any) -> pd.Series:
    return mapped(declare(finding(**fields)), ROW)[RecordKind.FINDING].iloc[0]
