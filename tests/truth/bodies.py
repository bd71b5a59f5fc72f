"""An edition's body held against the page that its world says should be printed, leaf by leaf.

Whatever has a digit, or says that there is nothing, is compared; a figure that the world says
nothing of is a disagreement too, unless `NOT_COMPARED` names it with its reason.
"""

from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from typing import Any

from demo.page import Page, Pager
from demo.truth import Asked
from schemas.edition import Body

NOT_COMPARED = {
    "schema": "names the shape, not a figure",
    "period": "how a period is called; its days are compared",
    "policy.*": "what the office decided, as read; nothing of it is counted",
    "annex.z": "a constant of the method",
    "watch.drawn_from": "a hash of the ledger; what is drawn from it is compared",
    "*.name.*": "words of the configuration",
    "*.source_title.*": "words of the configuration",
    "*.unit_name.*": "words of the configuration",
    "sources.*": "words of the configuration",
}
# What tells the entries of a list apart.
_KEYS = (("code",), ("number",), ("sector", "level"), ("unit", "measure"),
         ("source", "unit", "due_at"))  # fmt: skip
Leaves = dict[str, Any]


def disagreements(
    body: Body, pager: Pager, asked: Asked, received_by: int, earlier: Sequence[Page] = ()
) -> Iterator[str]:
    """Every figure in which an edition's body and the truth of its time differ.

    earlier: pages of the editions that were published for the periods before, the nearest first.
    """
    head = body["watch"]["drawn_from"] if "watch" in body else ""
    page = pager.page(body["kind"], asked, received_by, head=head, earlier=earlier)
    yield from differences(leaves(body), leaves(page))


def differences(printed: Leaves, true: Leaves) -> Iterator[str]:
    for name in printed | true:
        if name in true or is_compared(name, printed[name]):
            shown, wanted = printed.get(name, "nothing"), true.get(name, "nothing")
            if shown != wanted:
                yield f"{name}: {shown}, truth {wanted}"


def leaves(value: Any, *above: str) -> Leaves:
    """What stands in a body or a page, by name; entries of lists by what tells them apart."""
    if isinstance(value, dict):
        parts = [(n if isinstance(n, tuple) else (n,), one) for n, one in value.items()]
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        parts = [(_key(one) or (str(n),), one) for n, one in enumerate(value)]
    else:
        return {".".join(above): value}
    return {name: v for key, one in parts for name, v in leaves(one, *above, *key).items()}


def is_compared(name: str, value: Any) -> bool:
    """A number, a text with a digit, yes or no, or that there is nothing; and not left out."""
    is_text = isinstance(value, str) and value != "/"
    is_figure = any(c.isdigit() for c in value) if is_text else value != []
    return is_figure and not any(fnmatchcase(name, pattern) for pattern in NOT_COMPARED)


def _key(entry: dict[str, Any]) -> tuple[str, ...]:
    names = next((names for names in _KEYS if all(name in entry for name in names)), ())
    return tuple(str(entry[name]) for name in names)
