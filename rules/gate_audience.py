"""What the gate lets no public edition carry: signs of gaming, and what is looked for."""

from collections.abc import Iterator

from rules.gate_refusal import Refusal
from schemas.edition import Body


def check_audience(body: Body) -> Iterator[Refusal]:
    """Signs of gaming, and what is looked for, are for internal editions only."""
    bulletin = body["policy"].get("bulletin")
    if not isinstance(bulletin, dict) or bulletin.get("audience") != "public":
        return
    if "watch" in body:
        yield Refusal("watch", "not_public", "nothing", "a section")
    if body["policy"].get("watch") is not None:
        yield Refusal("policy.watch", "not_public", "nothing", "what is looked for")
