"""True tables of many layouts: none is accused, and what can be recomputed of each is."""

from typing import Any

import pytest

from rules.outside import Checked
from tests.outside.printed import Row, Sheet, checked


def rows(text: str) -> list[Row]:
    return [[cell.strip() for cell in line.split("|")] for line in text.strip().splitlines()]


# name: (table, how many formulas, how many totals, a cell, what to make of it, cells named then)
LAYOUTS: dict[str, tuple[str, int, int, str, Any, set[str]]] = {
    "english": (
        """
        Town     | Found | Closed | Open | Closure rate | Due | On time | On-time rate
        Alder    | 120   | 96     | 24   | 80.0%        | 90  | 81      | 90.0%
        Birch    | 75    | 70     | 5    | 93.3%        | 60  | 45      | 75.0%
        Cedar    | 33    | 33     | 0    | 100.0%       | 20  | 20      | 100.0%
        Dogwood  | 0     | 0      | 0    | n/a          | 0   | 0       | n/a
        Total    | 228   | 199    | 29   | 87.3%        | 170 | 146     | 85.9%
        """,
        2,
        1,
        "G3",
        "46",
        {"G6", "H3"},
    ),
    "major under general, headings repeated": (
        """
        乡镇   | 检查单位数 | 发现隐患数 | 已整改 | 整改率 | 其中：重大隐患 | 已整改 | 整改率
        虚河镇 | 210 | 84 | 80 | 95.24% | 3 | 2 | 66.67%
        样板镇 | 150 | 51 | 50 | 98.04% | 0 | 0 | /
        空山乡 | 96  | 40 | 37 | 92.50% | 4 | 3 | 75.00%
        设想镇 | 310 | 77 | 70 | 90.91% | 5 | 5 | 100.00%
        合计   | 766 | 252 | 237 | 94.05% | 12 | 10 | 83.33%
        """,
        2,
        1,
        "H4",
        "57.00%",
        {"H4"},
    ),
    "this week and to date": (
        """
             | 本周 |      | 累计 |      |
        镇街 | 排查隐患 | 整改隐患 | 排查隐患 | 整改隐患 | 整改率
        虚河镇 | 4 | 9 | 84 | 80 | 95.2%
        样板镇 | 7 | 2 | 51 | 50 | 98.0%
        空山乡 | 0 | 3 | 40 | 37 | 92.5%
        总计 | 11 | 14 | 175 | 167 | 95.4%
        """,
        1,
        1,
        "E4",
        "53",
        {"E4", "E6", "F4"},
    ),
    "a row of column numbers, a note and a signature": (
        """
        附表1 | | | 2016年12月
        单位 | 应整改 | 已整改 | 整改率
        甲 | 1 | 2 | 3
        虚河镇 | 84 | 80 | 95.2%
        样板镇 | 51 | 50 | 98.0%
        空山乡 | 40 | 37 | 92.5%
        合计 | 175 | 167 | 95.4%
        注：数据截至月底
        填表人： | 虚构 | 电话 | 57488888
        """,
        1,
        1,
        "B7",
        "176",
        {"B7", "D7"},
    ),
    "of which, in rows": (
        """
        单位 | 隐患数 | 整改数 | 整改率
        虚河镇 | 84 | 80 | 95.2%
        其中：规上企业 | 20 | 20 | 100.0%
        样板镇 | 51 | 50 | 98.0%
        空山乡 | 40 | 37 | 92.5%
        合计 | 175 | 167 | 95.4%
        平均 | 58.3 | 55.7 | 95.2%
        """,
        1,
        1,
        "C5",
        "36",
        {"C6", "D5"},
    ),
    "lines and columns exchanged": (
        """
        指标 | 虚河镇 | 样板镇 | 空山乡 | 合计
        排查隐患数 | 84 | 51 | 40 | 175
        整改隐患数 | 80 | 50 | 37 | 167
        整改率 | 95.2% | 98.0% | 92.5% | 95.4%
        逾期数 | 2 | 1 | 1 | 4
        """,
        1,
        1,
        "E3",
        "168",
        {"E3", "E4"},
    ),
    "last year beside this year": (
        """
        地区 | 去年同期排查数 | 今年排查数 | 同比增长 | 今年整改数 | 整改率
        虚河镇 | 40 | 84 | 110.0% | 80 | 95.2%
        样板镇 | 60 | 51 | -15.0% | 50 | 98.0%
        空山乡 | 20 | 40 | 100.0% | 37 | 92.5%
        合计 | 120 | 175 | 45.8% | 167 | 95.4%
        """,
        1,
        1,
        "F4",
        "92.6%",
        {"F4"},
    ),
    "ranks and scores": (
        """
        名次 | 镇街 | 得分 | 到期数 | 按期整改数 | 按期整改率 | 升降
        1 | 虚河镇 | 98.10 | 84 | 80 | 95.24 | 2
        2 | 样板镇 | 97.00 | 51 | 48 | 94.12 | -1
        3 | 空山乡 | 90.40 | 40 | 37 | 92.50 | 0
        / | 无名镇 | / | 0 | 0 | / | 0
        合计 | | | 175 | 165 | 94.29 |
        """,
        1,
        1,
        "E6",
        "166",
        {"E6", "F6"},
    ),
    "levels by sector with a column of totals": (
        """
        行业领域 | 省级 | 市级 | 县级 | 合计
        工业企业 | 1 | 0 | 1 | 2
        消防 | 0 | 1 | 3 | 4
        道路交通 | 2 | 1 | 2 | 5
        合计 | 3 | 2 | 6 | 11
        """,
        0,
        1,
        "C4",
        "2",
        {"C5", "E4"},
    ),
    "weeks of units": (
        """
        周次 | 镇街 | 新增 | 销号
        第1周 | 虚河镇 | 5 | 3
        第1周 | 样板镇 | 6 | 6
        第1周 | 合计 | 11 | 9
        第2周 | 虚河镇 | 7 | 8
        第2周 | 样板镇 | 1 | 2
        第2周 | 合计 | 8 | 10
        """,
        0,
        2,
        "D7",
        "11",
        {"D7"},
    ),
    "a cumulative column without a rate": (
        """
        单位 | 累计排查隐患 | 累计整改隐患
        虚河镇 | 84 | 80
        样板镇 | 51 | 50
        空山乡 | 40 | 37
        总 计 | 175 | 167
        """,
        0,
        1,
        "C4",
        "41",
        {"C4", "C5"},
    ),
    "a single row": (
        """
        单位 | 应整改数 | 已整改数 | 按期整改数 | 整改率 | 按期整改率
        天门市 | 972 | 911 | 737 | 93.72% | 75.82%
        """,
        2,
        0,
        "F2",
        "75.28%",
        {"F2"},
    ),
    "whole percents and a hundred": (
        """
        单位 | 排查数 | 整改数 | 整改率
        虚河镇 | 84 | 80 | 95%
        样板镇 | 5100 | 5098 | 100%
        空山乡 | 40 | 37 | 93%
        合计 | 5224 | 5215 | 100%
        """,
        1,
        1,
        "D4",
        "92%",
        {"D4"},
    ),
    "years as headings": (
        """
        单位 | 2014 | 2015 | 2016
        虚河镇 | 84 | 80 | 71
        样板镇 | 51 | 50 | 44
        空山乡 | 40 | 37 | 36
        合计 | 175 | 167 | 151
        """,
        0,
        1,
        "D5",
        "152",
        {"D5"},
    ),
}


def made(name: str) -> Sheet:
    return Sheet(rows(LAYOUTS[name][0]))


def named(found: Checked) -> set[str]:
    return {f.cell for f in found.findings}


@pytest.mark.parametrize("name", LAYOUTS)
def test_a_true_table_of_this_layout_passes(name: str) -> None:
    _, formulas, totals, *_ = LAYOUTS[name]
    found = checked(made(name))
    assert found.findings == []
    assert (len(found.model.formulas), len(found.model.totals)) == (formulas, totals)
    assert found.comparisons > 0


@pytest.mark.parametrize("name", LAYOUTS)
def test_a_false_figure_in_this_layout_is_named(name: str) -> None:
    _, _, _, address, value, cells = LAYOUTS[name]
    found = checked(made(name).changed(**{address: value}))
    assert named(found) == cells, found.findings
