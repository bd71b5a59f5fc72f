"""How the platforms (registry, inspection, upper) write: the inverse of their declarations."""

from demo.dress import Dress, yuan

_SYSTEMS = {
    "": "PLATFORM",
    "inspection": "PLATFORM",
    "complaints": "12345",
    "grid": "GRID",
    "selfcheck": "ENTERPRISE",
}

REGISTRY = Dress(
    columns={
        "place": {
            "source_id": "place_no",
            "name": "name",
            "place_class": "class",
            "town_code": "town",
            "sector_code": "industry",
            "credit_code": "credit_code",
            "active_from": "valid_from",
            "active_to": "closed_on",
            "sent_at": "updated_at",
        }
    },
    time="%Y-%m-%d",
    sent_time="iso",
    money=yuan,
    words={
        "place_class": {
            "enterprise": "企业",
            "shop": "商铺",
            "vulnerable_home": "困难群众家庭",
            "rented_home": "出租房",
        }
    },
)

_INSPECTION_UPDATE = {
    "source_id": "id",
    "finding_source": "system",
    "finding_id": "hazard_no",
    "event": "action",
    "happened_at": "happened_at",
    "organisation": "organisation",
    "person": "person",
    "second_person": "second_person",
    "reason": "reason",
    "responsible_unit": "plan.unit",
    "responsible_lead": "plan.lead",
    "supervising_department": "plan.department",
    "measures": "plan.measures",
    "due_date": "plan.deadline",
    "funding_planned_fen": "plan.funds_yuan",
    "funding_source": "plan.funds_from",
    "plan_reference": "plan.contingency_plan",
    "interim_control": "plan.interim_control",
    "finished_on": "done.finished_on",
    "work_done": "done.work",
    "funding_spent_fen": "done.spent_yuan",
    "evidence": "done.evidence",
    "town_code": "to_town",
    "severity": "to_severity",
    "target": "target",
    "asked_at": "asked_at",
    "listing_number": "listing_number",
    "listing_level": "listing_level",
    "amount_fen": "amount_yuan",
    "sent_at": "updated_at",
}

INSPECTION = Dress(
    columns={
        "check": {
            "source_id": "id",
            "place_id": "place_no",
            "checked_at": "happened_at",
            "channel": "channel",
            "actor_kind": "actor",
            "result": "result",
            "sent_at": "updated_at",
        },
        "finding": {
            "source_id": "id",
            "place_id": "place_no",
            "unit_name": "unit_name",
            "town_code": "town",
            "sector_code": "industry",
            "category": "category",
            "description": "description",
            "severity": "severity",
            "channel": "channel",
            "found_at": "happened_at",
            "sent_at": "updated_at",
        },
        "update": _INSPECTION_UPDATE,
    },
    time="iso",
    money=yuan,
    kind_column="type",
    kinds={"check": "check", "finding": "finding", "update": "update"},
    words={
        "finding_source": _SYSTEMS,
        "channel": {
            "smart_sensing": "智能测查",
            "professional_inspection": "专业检查",
            "undercover_visit": "暗访明查",
            "media": "媒体联查",
            "opinion_patrol": "舆情巡查",
        },
        "actor_kind": {"government": "执法人员", "intermediary": "第三方机构"},
        "result": {"clean": "未发现隐患", "hazards_found": "发现隐患"},
        "severity": {"general": "一般", "major": "重大"},
        "listing_level": {"county": "县级", "city": "市级", "province": "省级"},
        "event": {
            "verified": "VERIFY",
            "rejected": "REJECT",
            "assigned": "ASSIGN",
            "bounced": "BOUNCE",
            "elements_filed": "FILE_ELEMENTS",
            "started": "START",
            "extended": "EXTEND",
            "moved": "MOVE",
            "severity_changed": "CHANGE_SEVERITY",
            "listed": "LIST",
            "delisted": "DELIST",
            "submitted": "SUBMIT",
            "acceptance_passed": "ACCEPT",
            "acceptance_failed": "FAIL",
            "closed": "CLOSE",
            "reopened": "REOPEN",
            "merged": "MERGE",
            "transferred": "TRANSFER",
            "case_filed": "FILE_CASE",
            "penalised": "PENALISE",
            "coerced": "COERCE",
            "handed_to_police": "HAND_TO_POLICE",
            "exposed": "EXPOSE",
        },
    },
)

UPPER = Dress(
    columns={
        "update": {
            "source_id": "notice_id",
            "finding_source": "system",
            "finding_id": "hazard_no",
            "event": "notice",
            "happened_at": "issued_at",
            "organisation": "issued_by",
            "person": "signed_by",
            "reason": "remark",
            "listing_number": "listing_number",
            "listing_level": "level",
            "sent_at": "updated_at",
        }
    },
    time="iso",
    money=yuan,
    words={
        "finding_source": _SYSTEMS,
        "event": {"listed": "挂牌督办", "delisted": "摘牌"},
        "listing_level": {"city": "市级", "province": "省级"},
    },
)
