"""The six papers of one invented major hazard, and the same with much longer contents."""

from dataclasses import replace
from datetime import date

from schemas.forms import (
    AcceptanceOpinion,
    ExtensionOpinion,
    Form,
    Hazard,
    ListingNotice,
    OverdueItem,
    RectificationReport,
    RiskSlip,
    SupervisionLetter,
)
from schemas.vocabulary import ListingLevel, Severity

MADE_AT = 1_767_225_600_000  # 2026-01-01T00:00:00Z
OFFICE = "云溪市安全生产委员会办公室"
UNIT = "云溪市样板塑料制品有限公司（虚构）"
NUMBER = "云安委办挂〔2026〕1号"
HAZARD = Hazard(
    what="注塑车间与原料仓库之间的防火分隔被打通，疏散楼梯间堆放原料，消火栓无水",
    where="2 号厂房一、二层",
    severity=Severity.MAJOR,
)

NOTICE = ListingNotice(
    number=NUMBER,
    level=ListingLevel.COUNTY,
    unit=UNIT,
    hazards=(HAZARD,),
    due_on=date(2026, 6, 30),
    plan_due_on=date(2026, 1, 23),
    department="云溪市消防救援大队",
    approver="市安委会副主任甲某某",
    office=OFFICE,
    issued_on=date(2026, 1, 9),
)
EXTENSION = ExtensionOpinion(
    listing_number=NUMBER,
    unit=UNIT,
    hazards=(HAZARD,),
    due_on=date(2026, 6, 30),
    asked_due_on=date(2026, 9, 30),
    asked_on=date(2026, 6, 2),
    reason="防火墙和疏散楼梯改造需重新报批设计，施工单位已进场，预计 9 月中旬完工。",
    interim_control="停用 2 号厂房二层，清空楼梯间，增设临时消防水源和每两小时一次的巡查。",
    is_granted=True,
    new_due_on=date(2026, 9, 15),
    decider="乙某某",
    decided_on=date(2026, 6, 8),
    office=OFFICE,
    opinion="延期期间管控措施不落实的，立即停产。",
)
ACCEPTANCE = AcceptanceOpinion(
    listing_number=NUMBER,
    unit=UNIT,
    hazards=(HAZARD,),
    done="恢复防火墙并安装甲级防火门，疏散楼梯间已清空，消火栓系统修复并通过压力测试。",
    spent_fen=38_650_000,
    evidence=("整改前后照片 12 张", "消防设施检测报告", "施工合同和付款凭证"),
    organisation="云溪市消防救援大队",
    persons=("丙某某", "丁某某"),
    is_passed=True,
    accepted_on=date(2026, 9, 10),
    office=OFFICE,
    opinion="同意按程序摘牌销号。",
)
SLIP = RiskSlip(
    number="云安委办提〔2026〕17号",
    unit=UNIT,
    what=HAZARD.what,
    where=HAZARD.where,
    found_on=date(2025, 12, 29),
    requirement="立即清空疏散楼梯间，恢复消火栓供水；防火分隔恢复前停用二层，报送整改计划。",
    answer_by=date(2026, 1, 14),
    answer_working_days=10,
    office=OFFICE,
    issued_on=date(2025, 12, 30),
)
REPORT = RectificationReport(
    slip_number=SLIP.number,
    unit=UNIT,
    what=HAZARD.what,
    office=OFFICE,
    done="疏散楼梯间已清空，消火栓恢复供水；二层已停用，防火分隔改造方案已报消防部门。",
    spent_fen=4_280_050,
    evidence=("整改前后照片 6 张", "停用公告"),
    responsible="戊某某（厂长）",
    reported_on=date(2026, 1, 12),
    review="楼梯间和消火栓已整改到位，防火分隔转入挂牌督办。",
    reviewer="己某某",
    reviewed_on=date(2026, 1, 13),
)
LETTER = SupervisionLetter(
    number="云安委办督〔2026〕3号",
    addressee="白鹭镇人民政府",
    items=(
        OverdueItem(what=HAZARD.what, unit=UNIT, due_on=date(2026, 1, 5), days_overdue=7),
        OverdueItem(
            what="配电箱未接地，电缆老化",
            unit="云溪市样板木器厂（虚构）",
            due_on=date(2026, 1, 7),
            days_overdue=5,
        ),
    ),
    counted_on=date(2026, 1, 12),
    reply_by=date(2026, 1, 19),
    office=OFFICE,
    issued_on=date(2026, 1, 12),
)
FORMS: dict[str, Form] = {
    "notice": NOTICE,
    "extension": EXTENSION,
    "acceptance": ACCEPTANCE,
    "slip": SLIP,
    "report": REPORT,
    "letter": LETTER,
}

_LONG = "整改措施分三个阶段实施，每个阶段由专人负责，完成后拍照留存并报督办部门备查。"
_HAZARDS = tuple(replace(HAZARD, where=f"{n} 号厂房一、二层及其附属仓库") for n in range(1, 9))
# The most that is normal: eight hazards, texts of several hundred characters.
LARGE: dict[str, Form] = {
    "notice": replace(NOTICE, hazards=_HAZARDS, requirement=_LONG * 2),
    "extension": replace(
        EXTENSION, hazards=_HAZARDS, reason=_LONG * 6, interim_control=_LONG * 6, opinion=_LONG
    ),
    "acceptance": replace(
        ACCEPTANCE,
        hazards=_HAZARDS,
        done=_LONG * 8,
        evidence=tuple(f"第 {n} 阶段整改前后照片和检测报告" for n in range(1, 9)),
        is_passed=False,
        opinion="",
        remains=_LONG * 3,
    ),
    "slip": replace(SLIP, what=_LONG * 6, requirement=_LONG * 10),
    "report": replace(REPORT, done=_LONG * 12, review=_LONG * 3),
    "letter": replace(LETTER, items=LETTER.items * 4, requirement=_LONG * 3),
}
ANNEXED: dict[str, Form] = {
    "notice": replace(NOTICE, hazards=_HAZARDS * 5),
    "extension": replace(EXTENSION, hazards=_HAZARDS * 2),
    "letter": replace(LETTER, items=LETTER.items * 20),
}
