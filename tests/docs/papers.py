"""Files that documents name and a reader would have at hand; invented."""

import csv
import shutil
from collections.abc import Sequence
from pathlib import Path

import xlsxwriter

FIRE = [
    ["编号", "单位名称", "镇街", "隐患类别", "隐患描述", "隐患等级", "发现时间"],
    ["X-1", "虚构五金厂", "掌起镇", "消防通道", "消防通道被货物堵塞", "一般", "2025-03-11 09:30"],
    ["X-2", "虚构旅馆", "观海卫镇", "消防设施", "灭火器压力不足三具", "一般", "2025-03-12 14:05"],
    ["X-3", "虚构仓库", "掌起镇", "用电", "配电箱前堆放纸箱", "重大", "2025-03-13 10:20"],
]  # fmt: skip
VISITS = [
    ["编号", "场所编号", "检查时间", "检查结果", "检查单位"],
    ["V-1", "P-1", "2025-03-11 09:00", "未发现隐患", "虚构市消防救援大队"],
    ["V-2", "P-2", "2025-03-12 10:00", "发现隐患", "虚构市消防救援大队"],
]
TABLE = [
    ["镇街", "总数", "一般", "重大", "已整改数", "按期整改数", "按期整改率"],
    ["虚构一镇", 10, 9, 1, 8, 6, "75.0%"],
    ["虚构二镇", 6, 6, 0, 4, 4, "100.0%"],
    ["合计", 16, 15, 1, 12, 10, "83.3%"],
]
# A unit's column, then four of numbers, under two lines of headings below a title.
OTHER = [
    ["虚构市隐患整改情况"],
    [],
    ["镇街", "隐患", None, None, "率", "其中"],
    [None, "总数", "暂缓", "已整改", "整改率", "一般", "重大"],
    ["虚构一镇", 10, 2, 6, "75.0%", 9, 1],
    ["虚构二镇", 6, 0, 3, "50.0%", 6, 0],
    ["虚构三镇", 8, 3, 4, "80.0%", 7, 1],
]


def lay(work: Path, home: Path) -> None:
    """Put everything into a reader's folder."""
    _csv(work / "fire.csv", FIRE)
    (work / "drop").mkdir()
    _csv(work / "drop" / "fire.csv", FIRE)
    (work / "samples").mkdir()
    _csv(work / "samples" / "visits.csv", VISITS)
    _xlsx(work / "table.xlsx", TABLE)
    _xlsx(work / "other.xlsx", OTHER)
    shutil.copy(next(home.glob("*.key")), work / "custodian.key")
    [seal] = home.glob("seals/*/*/seal-*.json")
    for name in ("SEAL.json", "seal-330282-1234.json", "seal-330282-1000.json"):
        shutil.copy(seal, work / name)
    [policy] = home.glob("config/*/policy.yaml")
    shutil.copy(policy, work / "other.yaml")


def _csv(path: Path, rows: list[list[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)


def _xlsx(path: Path, rows: Sequence[Sequence[object]]) -> None:
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)


def actions(work: Path, hazard: str) -> None:
    """A sheet with one action on a hazard."""
    row = [hazard, "报送整改要素", "清理通道并划线"]
    _xlsx(work / "actions.xlsx", [["隐患编号", "事项", "整改措施"], row])
