"""The one way in which content is refused as a whole; apart, so that a parser's child is light."""

import re

_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")


class Malformed(ValueError):
    """What was delivered cannot be read; the text says why and where, never what it held."""


def unquoted(reason: str) -> str:
    """A reason without any heading or key that it quotes: where a table has no heading, its first
    row is taken for one, and a reporter may stand in it."""
    return _QUOTED.sub("…", reason)
