"""What is looked at again and again beside the server, in a thread of its own.

with beside("drop-folders", 5.0, watch.look): …
"""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import requests

log = logging.getLogger(__name__)


@contextmanager
def beside(name: str, every: float, look: Callable[[], object]) -> Iterator[None]:
    """Call `look` every so many seconds while the block runs; the last call ends before it does.

    A server that cannot be reached is asked again at the next look.
    """
    ended = threading.Event()

    def run() -> None:
        while not ended.wait(every):
            try:
                look()
            except requests.RequestException as error:
                log.warning("%s: %s", name, type(error).__name__)
            except Exception:  # one look that broke is not the end of the others
                log.exception("%s broke", name)

    thread = threading.Thread(target=run, name=name)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
