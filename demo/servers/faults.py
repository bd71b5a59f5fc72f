"""What can go wrong upstream, on demand: down, hang, html, renamed_column, empty.

Promise: a fault belongs to one source and lasts until it is healed; the world itself is untouched,
so everything comes after healing. HTTP sources answer 503, hang, an HTML page, rows with a renamed
column, or nothing; the drop folder and the exchange database go away, rename a column or are empty.
"""

import threading
from typing import Literal, get_args

Fault = Literal["down", "hang", "html", "renamed_column", "empty"]
FAULTS: tuple[str, ...] = get_args(Fault)
HTML_PAGE = "<!DOCTYPE html><html><body>系统维护中 (fictitious demo)</body></html>".encode()


class Faults:
    """Which source has which fault now; safe to ask from server threads."""

    def __init__(self) -> None:
        self._set: dict[str, Fault] = {}
        self._lock = threading.Lock()

    def set(self, source: str, fault: Fault) -> None:
        if fault not in FAULTS:
            raise ValueError(f"{fault!r} is no fault: choose one of {', '.join(FAULTS)}")
        with self._lock:
            self._set[source] = fault

    def heal(self, source: str) -> None:
        with self._lock:
            self._set.pop(source, None)

    def of(self, source: str) -> Fault | None:
        with self._lock:
            return self._set.get(source)
