"""The county whose publishing is killed: edition 1 is out, late rows are in, edition 2 is to come.

base = collected(tmp_path / "base", migrated_file)
folder = published(base, tmp_path / "signed", signed=True)
publish_again(folder, attempt=1)      # what an operator does, after a crash too
picture(folder)                       # everything that can be seen of it
"""

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import yaml

from rules.kinds import period_of
from schemas.period import DAY_MS, HOUR_MS, Period
from schemas.policy_bulletin import FORMATS
from schemas.vocabulary import EditionKind
from tests.operators.people import Device, enrolled
from tests.store.tiny import MONDAY, OTHER_TOWN, Tiny, finding, life

SIGNER, WEEK = "副主任孙虚构", "2025-W10"
FIRST = MONDAY + 7 * DAY_MS + 18 * HOUR_MS  # after the cut-off, and after what came late
SECOND = FIRST + DAY_MS
PREVIEW_HOURS = 4
MINUTE_MS = 60_000
SITES = ("site", "site-internal")
POLICY = {"audience": "public", "kinds": {}, "formats": FORMATS}


def week() -> Period:
    return period_of(EditionKind.WEEKLY, WEEK, "Asia/Shanghai")


def collected(folder: Path, migrated: Path) -> Path:
    """A home with all that two editions of a week tell of, the second's after the cut-off."""
    tiny = Tiny.make(folder, migrated, bulletin=POLICY)
    device = enrolled(tiny.county, SIGNER, MONDAY)
    (folder / "secret").write_text(device.secret)
    found, steps = [], []
    for number, town in enumerate(tiny.county.organisation.town_codes()[:4]):
        name, to = f"N{number}", "closed" if number % 2 else "started"
        found.append(finding(name, town_code=town))
        steps += life(name, MONDAY + HOUR_MS, to=to, due=MONDAY + 3 * DAY_MS)
    tiny.bring(MONDAY + 5 * DAY_MS, found, steps)
    late = finding("LATE", MONDAY + DAY_MS, town_code=OTHER_TOWN)
    steps = list(life("LATE", MONDAY + DAY_MS, to="started", due=MONDAY + 2 * DAY_MS))
    tiny.bring(FIRST - HOUR_MS, [late], steps)
    tiny.county.engine.dispose()
    return folder


def published(base: Path, folder: Path, *, signed: bool) -> Path:
    """A copy of the home with edition 1 and its sites."""
    shutil.copytree(base, folder)
    if signed:
        [path] = (folder / "config").glob("*/policy.yaml")
        policy = yaml.safe_load(path.read_text("utf-8"))
        policy["bulletin"] |= {"approval": "required", "preview_hours": PREVIEW_HOURS}
        path.write_text(yaml.safe_dump(policy, allow_unicode=True), "utf-8")
    tiny = Tiny.opened(folder)
    _publish(tiny, folder, FIRST, 0)
    tiny.county.engine.dispose()
    return folder


def publish_again(folder: Path, attempt: int) -> None:
    """Publish what late data made of the week, sign the draft that waits, bring the sites up."""
    tiny = Tiny.opened(folder)
    _publish(tiny, folder, SECOND, attempt)
    tiny.county.engine.dispose()


def _publish(tiny: Tiny, folder: Path, now: int, attempt: int) -> None:
    """As `bihuan bulletin weekly --revise` and `bihuan bulletin sign` do it."""
    from flows.editions import plain_all
    from tasks.publishing import publish
    from tasks.signing import pending, sign
    from tasks.store.documents import adopt

    county = tiny.county
    adopt(county, now)
    plain_all(county, [publish(county, week(), now, revise=True)])
    for _ in pending(county):
        at = now + PREVIEW_HOURS * HOUR_MS + attempt * MINUTE_MS
        code = Device(SIGNER, (folder / "secret").read_text()).shows(at)
        plain_all(county, [sign(county, week(), SIGNER, code, at)])


def picture(folder: Path) -> dict[str, Any]:
    """What is published, by its path; what the store says; what was sent to whom."""
    from tasks.auditing import audit
    from tasks.signing import pending

    tiny = Tiny.opened(folder)
    home = tiny.county.home
    own = f"{tiny.county.code}/weekly/{WEEK}"
    pointer = home / "editions" / own / "latest"
    files = {f"{kind} {n}": _tree(home / kind / own / f"{n}") for kind, n in _SHELVED}
    shown = {name: _tree((home / name).resolve()) for name in SITES}
    made = {
        "paths": files | shown | {"latest": pointer.read_text() if pointer.exists() else ""},
        "rows": [list(row) for row in tiny.query(_EDITIONS)],
        "drafts": [list(row) for row in tiny.query(_DRAFTS)],
        "events": [list(row) for row in tiny.query(_EVENTS)],
        "issues": _issues(home / "editions" / own),
        "messages": [list(row) for row in tiny.query(_MESSAGES)],
        "letters": _letters(home / "outbox"),
        "pending": len(pending(tiny.county)),
        "audit": [str(f) for f in audit(tiny.county).findings],
        "left": sorted(str(p.relative_to(home)) for p in _left(home)),
    }
    tiny.county.engine.dispose()
    return made


_SHELVED = [(kind, n) for kind in ("editions", "drafts") for n in (1, 2, 3)]
# Neither when it was published nor the ledger's numbers: a killed run may have proved a code more.
_EDITIONS = "SELECT number, body_digest, policy_hash, watermark, folder, files FROM edition"
_DRAFTS = "SELECT number, edition, state, decided_by, body_digest, files FROM draft ORDER BY number"
_EVENTS = "SELECT stream_id, kind FROM event WHERE record = 'edition' ORDER BY seq"
_MESSAGES = "SELECT key, recipient, kind, body FROM outbox WHERE sent_at > 0 ORDER BY key"


def _tree(folder: Path) -> str:
    """The digest of all files under a folder, "" where there is none."""
    if not folder.is_dir():
        return ""
    found = hashlib.sha256()
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        found.update(f"{path.relative_to(folder)}\n".encode())
        found.update(hashlib.sha256(path.read_bytes()).digest())
    return found.hexdigest()[:16]


def _issues(folder: Path) -> list[list[int]]:
    """[edition, number, correction] of every edition on the shelf."""
    documents = [json.loads(p.read_bytes()) for p in sorted(folder.glob("?/edition.json"))]
    return [[d["edition"], d["issue"]["number"], d["issue"]["correction"]] for d in documents]


def _letters(folder: Path) -> dict[str, str]:
    """Name → digest of every message that left; one that is half there is no JSON."""
    found = {}
    for path in sorted(folder.glob("*.json")):
        json.loads(path.read_bytes())
        found[path.name] = hashlib.sha256(path.read_bytes()).hexdigest()[:16]
    return found


def _left(home: Path) -> list[Path]:
    """What a crash leaves half-made beside editions, drafts and messages."""
    places = (home / "editions", home / "drafts", home / "outbox")
    return [p for place in places for p in place.rglob(".*")]
