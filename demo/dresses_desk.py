"""How the complaints desk tells what became of a report: the inverse of its declaration.

Requests are written by `demo.feeds`, for they carry a reporter; a step never does.
"""

from demo.dress import Dress, yuan

DESK = Dress(
    columns={
        "update": {
            "source_id": "update_id",
            "finding_id": "service_request_id",
            "event": "external_status_code",
            "happened_at": "updated_datetime",
            "organisation": "agency_responsible",
            "person": "handled_by",
            "second_person": "approved_by",
            "reason": "reason",
            "target": "forwarded_to",
            "reply": "public_reply",
            "amount_fen": "reward_yuan",
        }
    },
    time="iso",
    money=yuan,
    words={
        "event": {
            "report_accepted": "ACCEPTED",
            "report_declined": "DECLINED",
            "report_checked": "CHECKED",
            "report_handled": "HANDLED",
            "report_coordinated": "COORDINATED",
            "report_supervised": "SUPERVISED",
            "report_transferred": "FORWARDED",
            "report_replied": "REPLIED",
            "report_rewarded": "REWARDED",
        }
    },
)
