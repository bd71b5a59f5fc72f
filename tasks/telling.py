"""How a notice leaves: a webhook of our own, or one of apprise's services (chat, mail, gateways).

Promise: where a channel lives is in the home's settings only. An http(s) address gets the message's
key as `Idempotency-Key`, the same on every try; chat channels are told at least once, with the key
in the text. What does not leave says why and waits.
"""

import json
from urllib.parse import urlsplit

import requests

from schemas.settings import NotifySettings
from tasks.county import County
from tasks.delivering import NotDelivered
from tasks.store.outbox import Message

CHANNEL = "notify"
_PLAIN = ("http", "https")


def told(county: County, message: Message) -> None:
    """Send one message on its channel. Raises NotDelivered."""
    settings = county.settings.notify.get(message.recipient)
    if settings is None:
        raise NotDelivered(
            f"where {message.recipient} is told, is not set: add [notify.{message.recipient}] with"
            f" urls to {county.home / 'bihuan.toml'}"
        )
    said = json.loads(message.body)
    for url in settings.urls:
        address = url.get_secret_value()
        if urlsplit(address).scheme in _PLAIN:
            _post(settings, address, said, message)
        else:
            _chat(address, said, message)


def _post(settings: NotifySettings, url: str, said: dict[str, str], message: Message) -> None:
    """POST the message as JSON; only an answer of 2xx means that it was taken."""
    with requests.Session() as session:
        session.trust_env = False  # no proxy and no .netrc of whoever runs it
        try:
            answer = session.post(
                url,
                json=said,
                headers={"Idempotency-Key": message.key},
                timeout=settings.timeout_seconds,
                allow_redirects=False,
            )
        except requests.RequestException as error:
            raise NotDelivered(
                f"{message.recipient} cannot be reached ({type(error).__name__}): is its url in"
                f" [notify.{message.recipient}] right? It is tried again"
            ) from None
    if not answer.ok:
        raise NotDelivered(
            f"{message.recipient} answered {answer.status_code}; 2xx is expected. It is tried again"
        )


def _chat(address: str, said: dict[str, str], message: Message) -> None:
    """One of apprise's services. It says no more than whether it worked."""
    import apprise

    service = apprise.Apprise()
    if not service.add(address):
        raise NotDelivered(
            f"an address of [notify.{message.recipient}] is none that apprise knows: see"
            " docs/operations.md for what is"
        )
    body = "\n".join(filter(None, [said["text"], said["key"]]))
    if not service.notify(title=said["title"], body=body):
        raise NotDelivered(
            f"{message.recipient} did not take the message: ask its service, or look at the network"
            " between; it is tried again"
        )
