"""The canary: a reporter who is obviously nobody, and what is delivered of this reporter.

Every string is one that stands nowhere else. NEIGHBOUR stands beside them in each narrative and is
no secret: where it is found, the canary would have been.
"""

import csv
import io
import json
from typing import Any

import xlsxwriter

NAME, FAMILY, GIVEN = "金丝雀某", "金", "丝雀某"
PHONE, ID = "13900007391", "330282190013320017"
STREET = "金丝雀虚构路999号99幢909室"
ADDRESS = f"虚构省虚构市望潮街道{STREET}"
MAIL = "canary.of.nowhere@canary.invalid"
CANARIES = (
    *(NAME, GIVEN, "金先生", PHONE, "139-0000-7391", ID, "330282-19001332-0017", STREET, MAIL),
    "canary.of.nowhere",
)
NEIGHBOUR = "海雀牌货架"

NARRATIVE = (
    f"我叫{NAME}，身份证 330282-19001332-0017，手机139-0000-7391，邮箱{MAIL}，家住{STREET}。"
    f"{NEIGHBOUR}堵住了二楼消防通道，请联系金先生。"
)
COLUMNS = ("编号", "描述", "镇街", "时间", "举报人", "联系电话", "身份证号", "住址", "邮箱", "备注")


def letter(number: str, town: str = "望潮街道", **cells: str) -> dict[str, str]:
    """A row of the letters' workbook."""
    row = {
        "编号": number,
        "描述": f"{number} {NARRATIVE}",
        "镇街": town,
        "时间": "2025-03-06 09:00",
        "举报人": NAME,
        "联系电话": PHONE,
        "身份证号": ID,
        "住址": ADDRESS,
        "邮箱": MAIL,
        "备注": f"已电话回复{NAME}",
    }
    return row | cells


def as_xlsx(*rows: dict[str, str]) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, COLUMNS)
        for line, row in enumerate(rows, 1):
            sheet.write_row(line, 0, [row[c] for c in COLUMNS])
    return out.getvalue()


def as_csv(*rows: dict[str, str], heading: bool = True, encoding: str = "gb18030") -> bytes:
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS)
    if heading:
        writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode(encoding)


def tip(number: str, **fields: Any) -> dict[str, Any]:
    """An item of the paged feed: nested reporter, a list of numbers."""
    item = {
        "id": number,
        "text": f"{number} {NARRATIVE}",
        "town": "听涛街道",
        "at": "2025-03-06T09:30:00+08:00",
        "by": {"name": NAME, "tel": [PHONE, "139-0000-7391"], "card": ID, "home": ADDRESS},
        "mail": MAIL,
        "notes": [f"来电人{NAME}", {"said": f"住{STREET}"}],
    }
    return item | fields


def page(*items: dict[str, Any], escaped: bool = False) -> bytes:
    return json.dumps({"items": items, "hotline": PHONE}, ensure_ascii=escaped).encode()


def request(base: dict[str, Any]) -> dict[str, Any]:
    """A GeoReport request of the demo's desk, made the canary's."""
    return base | {
        "description": f"{base['service_request_id']} {NARRATIVE}",
        "status_notes": f"已联系{NAME}（{PHONE}）",
        "first_name": GIVEN,
        "last_name": FAMILY,
        "phone": PHONE,
        "email": MAIL,
        "media_url": f"https://canary.invalid/{PHONE}.jpg",
    }


_WHO = {"zh": "虚构来源", "en": "Fictitious source"}
_FIELDS: dict[str, Any] = {
    "sector_code": {"const": "fire"},
    "category": {"const": "消防通道"},
    "severity": {"const": "general"},
    "channel": {"const": "public_report"},
}
LETTERS: dict[str, Any] = {
    "name": "letters",
    "title": _WHO,
    "owner": _WHO,
    "connector": {"type": "workbook", "name": r"\.(?:xlsx|csv)$"},
    "cadence": "continuous",
    "closing": "never",
    "reporter_fields": ["举报人", "联系电话", "身份证号", "住址", "邮箱"],
    "records": [
        {
            "record": "finding",
            "fields": _FIELDS
            | {
                "source_id": "编号",
                "description": "描述",
                "town_code": {"from": "镇街", "town": True},
                "found_at": {"from": "时间", "time": "%Y-%m-%d %H:%M", "zone": "Asia/Shanghai"},
            },
        }
    ],
}
TIPS: dict[str, Any] = LETTERS | {
    "name": "tips",
    "connector": {"type": "http_json", "path": "/tips", "page_size": 10},
    "reporter_fields": ["by", "mail"],
    "records": [
        {
            "record": "finding",
            "fields": _FIELDS
            | {
                "source_id": "id",
                "description": "text",
                "town_code": {"from": "town", "town": True},
                "found_at": {"from": "at", "time": "iso"},
            },
        }
    ],
}
