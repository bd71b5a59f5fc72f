"""The one way in which content is refused as a whole; apart, so that a parser's child is light."""


class Malformed(ValueError):
    """What was delivered cannot be read; the text says why and where, never what it held."""
