"""Every shipped rule with its code, severity and wording; `expectations.rules` serves them.

A code never changes its meaning and is never reused. `critical` refuses the row, `warning` lets
it pass and is shown.
"""

from dataclasses import dataclass
from typing import Literal

Severity = Literal["critical", "warning"]


@dataclass(frozen=True)
class Rule:
    """One rule: what is wrong (`zh`, `en`) and what to do about it (`fix_zh`, `fix_en`)."""

    code: str
    severity: Severity
    zh: str
    en: str
    fix_zh: str
    fix_en: str


ALL = (
    Rule(
        "R001",
        "critical",
        zh="必填项为空",
        en="a required field is blank",
        fix_zh="填写该项后重新报送",
        fix_en="fill it in and send the row again",
    ),
    Rule(
        "D001",
        "critical",
        zh="必填时间为空",
        en="a required date or time is blank",
        fix_zh="填写实际发生的时间",
        fix_en="give the time at which it happened",
    ),
    Rule(
        "D002",
        "critical",
        zh="日期或时间无法识别",
        en="a date or time cannot be read",
        fix_zh="按约定格式填写真实存在的日期",
        fix_en="write a day that exists, in the agreed format",
    ),
    Rule(
        "D003",
        "critical",
        zh="时间晚于接收时间一天以上",
        en="a time lies over a day after receipt",
        fix_zh="核对年份和日期，不得填写将来的时间",
        fix_en="check year and day: what is reported has happened",
    ),
    Rule(
        "D004",
        "critical",
        zh="日期不在1990年至2100年之间",
        en="a date lies outside the years 1990 to 2100",
        fix_zh="核对年份，按公历四位数填写",
        fix_en="check the year; write all four digits of it",
    ),
    Rule(
        "D005",
        "warning",
        zh="完成日期早于发现时间",
        en="finished before the hazard was found",
        fix_zh="核对完成日期和发现时间",
        fix_en="check the day of finishing and the time of finding",
    ),
    Rule(
        "D006",
        "warning",
        zh="整改期限早于发现或下达的时间",
        en="the deadline lies before the finding, or before it was set",
        fix_zh="核对整改期限",
        fix_en="check the deadline",
    ),
    Rule(
        "D007",
        "warning",
        zh="终止日期早于启用日期",
        en="the place ends before it begins",
        fix_zh="核对启用和终止日期",
        fix_en="check both days",
    ),
    Rule(
        "D008",
        "warning",
        zh="办理时间早于发现时间",
        en="a step happened before the hazard was found",
        fix_zh="核对办理时间和发现时间",
        fix_en="check the time of the step and of the finding",
    ),
    Rule(
        "D009",
        "warning",
        zh="延期批准早于申请",
        en="an extension was granted before it was asked for",
        fix_zh="核对申请时间和批准时间",
        fix_en="check when it was asked for and when granted",
    ),
    Rule(
        "D010",
        "warning",
        zh="完成日期晚于申请验收的时间",
        en="submitted for acceptance before it was finished",
        fix_zh="核对完成日期",
        fix_en="check the day of finishing",
    ),
    Rule(
        "E001",
        "warning",
        zh="重大隐患开始整改时五到位不全",
        en="a major hazard's rectification starts without all five elements",
        fix_zh="补报标出的要素；补齐之前按待补处理",
        fix_en="send the marked elements; until then the step is pending",
    ),
    Rule(
        "E002",
        "warning",
        zh="销号没有验收记录",
        en="closed without an acceptance",
        fix_zh="补报验收通过的记录",
        fix_en="send the acceptance as well",
    ),
    Rule(
        "E003",
        "warning",
        zh="验收早于申请验收",
        en="accepted before it was submitted for acceptance",
        fix_zh="核对验收时间和申请验收时间",
        fix_en="check the time of the acceptance and of the submission",
    ),
    Rule(
        "G001",
        "warning",
        zh="坐标不在本县范围内",
        en="the coordinates lie outside the county",
        fix_zh="核对经纬度是否填反、坐标系是否正确",
        fix_en="check whether longitude and latitude are swapped, and which datum they are in",
    ),
    Rule(
        "U001",
        "critical",
        zh="镇街名称或代码不在本县名单内",
        en="the town is not one of this county's",
        fix_zh="使用名单中的名称或9位代码",
        fix_en="use a name or 9-digit code from the list",
    ),
    Rule(
        "U002",
        "critical",
        zh="行业领域不在名单内",
        en="the sector is not on the list",
        fix_zh="使用名单中的行业领域名称",
        fix_en="use a sector's name from the list",
    ),
    Rule(
        "U003",
        "critical",
        zh="选项不在允许范围内",
        en="a word is not among the allowed ones",
        fix_zh="从下拉选项中选择",
        fix_en="choose from the drop-down list",
    ),
    Rule(
        "N001",
        "critical",
        zh="金额或数字无法识别，或为负数",
        en="a number is unreadable or negative",
        fix_zh="只填写数字，金额不小于零",
        fix_en="write plain digits, not below zero",
    ),
    Rule(
        "N002",
        "critical",
        zh="编号被电子表格改成了科学计数，末尾数字已丢失",
        en="a spreadsheet has rounded this number and lost its last digits",
        fix_zh="将该列设为文本格式，重新填写完整编号",
        fix_en="format the column as text and type the whole number again",
    ),
    Rule(
        "T001",
        "warning",
        zh="隐患描述没有实际内容",
        en="the description says nothing",
        fix_zh="写明哪里、什么东西、有什么问题",
        fix_en="say where, what, and what is wrong with it",
    ),
    Rule(
        "T002",
        "warning",
        zh="描述称已经整改",
        en="the text says that it is already rectified",
        fix_zh="描述填写隐患本身，整改情况另行填报",
        fix_en="describe the hazard; report its rectification apart",
    ),
    Rule(
        "T003",
        "critical",
        zh="文本含有无法保存的字符",
        en="a text holds characters that cannot be kept",
        fix_zh="删除乱码后重新报送",
        fix_en="remove the damaged characters and send the row again",
    ),
    Rule(
        "T004",
        "warning",
        zh="描述只是照抄检查项目",
        en="the description only repeats the checklist",
        fix_zh="写明现场看到的具体问题",
        fix_en="say what was seen on the spot",
    ),
    Rule(
        "T005",
        "warning",
        zh="文本含有看不见的字符",
        en="a text holds characters that cannot be seen",
        fix_zh="删除后手工重新输入标出的内容",
        fix_en="clear the marked cell and type it again",
    ),
    Rule(
        "T006",
        "warning",
        zh="文本混有形似拉丁字母的外文字母",
        en="a text holds letters that only look Latin",
        fix_zh="用英文键盘重新输入编号和字母",
        fix_en="type numbers and letters again on a Latin keyboard",
    ),
    Rule(
        "T007",
        "critical",
        zh="文本超出可保存的长度",
        en="a text is longer than can be kept",
        fix_zh="缩短编号、名称或类别，详细内容写入隐患描述",
        fix_en="shorten the number, name or category; details belong in the description",
    ),
    Rule(
        "T008",
        "warning",
        zh="隐患描述只有两三个字",
        en="the description is only two or three characters",
        fix_zh="补充部位和具体问题",
        fix_en="add where it is and what exactly is wrong",
    ),
    Rule(
        "B001",
        "warning",
        zh="本次行数与往常相差很大",
        en="far more or fewer rows than this source usually sends",
        fix_zh="核对是否漏报或重复报送",
        fix_en="check that nothing is missing or doubled",
    ),
    Rule(
        "B002",
        "warning",
        zh="一栏的空白比往常多得多",
        en="a column has far more blanks than usual",
        fix_zh="核对该栏是否漏填或改名",
        fix_en="check whether the column was renamed or left out",
    ),
    Rule(
        "B003",
        "warning",
        zh="一栏的内容构成与往常明显不同",
        en="the words of a column are spread quite unlike usual",
        fix_zh="核对该栏是否按原口径填写",
        fix_en="check that the column is filled in as before",
    ),
    Rule(
        "P001",
        "warning",
        zh="统一社会信用代码校验不通过",
        en="the credit code fails its checksum",
        fix_zh="对照营业执照核对18位代码",
        fix_en="compare the 18 characters with the licence",
    ),
    Rule(
        "A001",
        "critical",
        zh="所指隐患尚未收到",
        en="the hazard it refers to has not arrived",
        fix_zh="先报送该隐患，或核对隐患编号",
        fix_en="report the hazard first, or check its number",
    ),
    Rule(
        "A002",
        "warning",
        zh="该编号原属另一处所的隐患",
        en="the id was used for a hazard at another place",
        fix_zh="核对编号；另一处所的隐患应使用新的编号",
        fix_en="check the id; a hazard at another place needs an id of its own",
    ),
    Rule(
        "M001",
        "critical",
        zh="该行不属于任何约定的记录类型",
        en="the row is of no kind that was agreed",
        fix_zh="核对记录类型一栏",
        fix_en="check the column that says what the row is",
    ),
)
