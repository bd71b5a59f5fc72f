"""Notify: an automation tells how a run ended; whoever policy names is told of it, once.

Started by Prefect when a run fails, crashes, starts late or ends degraded; see flows/deploying.py.
"""

from typing import Any

from flows.forms import NotifyForm
from flows.operating import operated
from flows.runtime import moment, opened, step


def notify_of(form: NotifyForm, now: int) -> dict[str, Any]:
    """sent, waiting: how many messages left, and why others did not."""
    from schemas.notify import OF_STATE, Occasion
    from tasks.notifying import Notice, tell

    occasion = OF_STATE.get(form.what) or Occasion(form.what)
    notice = Notice(occasion, form.run_id or form.run_name, form.run_name, form.message)
    told = tell(opened(), [notice], now)
    waiting = {key: why for key, why in told.items() if why}
    return {"sent": len(told) - len(waiting), "waiting": waiting}


notifying = step("tell", task_run_name="tell {form.what}")(notify_of)


@operated("notify", NotifyForm, lambda form: form["what"])
def notify(form: NotifyForm) -> dict[str, Any]:
    """通知：按约定告知。Tell whoever policy names."""
    return dict(notifying(form, moment()))
