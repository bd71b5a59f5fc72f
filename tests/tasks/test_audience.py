"""What a public edition must not carry: signs of gaming, what is looked for, lots to be drawn."""

import re
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from rules.gate import check
from rules.kinds import period_of
from schemas.period import DAY_MS, HOUR_MS
from schemas.policy_bulletin import FORMATS
from schemas.vocabulary import EditionKind
from tasks.publication.releasing import EditionReport
from tasks.publishing import publish
from tasks.rendering.catalogue import LANGUAGES, text
from tests.rules.bodies import recount, valid_body
from tests.store.tiny import MONDAY, Tiny, finding, life

MARCH = period_of(EditionKind.MONTHLY, "2025-03", "Asia/Shanghai")
WORDS = {
    text(key, lang)
    for lang in LANGUAGES
    for key in ("section.watch", "table.watch", "table.drawn", "watch.same_day", "watch.intro")
}
KEYS = {'"watch":{', '"drawn_from"', '"told_late_hours"', '"reinspection"'}


def monthly(folder: Path, migrated: Path, audience: str) -> EditionReport:
    tiny = Tiny.make(
        folder,
        migrated,
        bulletin={
            "kinds": {"monthly": {"audience": audience}},
            "languages": LANGUAGES,
            "formats": FORMATS,
        },
        watch={"kinds": ["weekly", "monthly"]},
    )
    names = [f"D{n}" for n in range(5)]  # found, closed and told on one day
    tiny.drop("findings", *(finding(n) for n in names))
    tiny.drop("updates", *(u for n in names for u in life(n, MONDAY)))
    for source in ("findings", "updates"):
        tiny.collect(source, MONDAY + 12 * HOUR_MS)
    return publish(tiny.county, MARCH, MARCH.end + 3 * DAY_MS)


def leaks(report: EditionReport) -> dict[str, set[str]]:
    """Words and keys of the watch by the kind of file they stand in."""
    found: dict[str, set[str]] = {}
    for file in report.files:
        path = Path(file["path"])
        told = _told(path)
        found.setdefault(path.suffix, set()).update(w for w in WORDS | KEYS if w in told)
    return found


def _told(path: Path) -> str:
    content = path.read_bytes()
    if path.suffix in (".xlsx", ".docx"):
        with zipfile.ZipFile(BytesIO(content)) as archive:
            parts = [archive.read(n).decode() for n in archive.namelist() if n.endswith(".xml")]
        return re.sub(r"</w:t>.*?<w:t[^>]*>", "", " ".join(parts))
    return content.decode("utf-8", "replace")


@pytest.mark.parametrize("audience", ["public", "internal"])
def test_only_internal_editions_carry_the_watch(
    audience: str, tmp_path: Path, migrated_file: Path
) -> None:
    report = monthly(tmp_path, migrated_file, audience)
    body: Any = report.edition_doc["body"]
    found = leaks(report)
    assert set(found) == {".json", ".html", ".xlsx", ".docx", ".pdf", ".svg"}
    if audience == "public":
        assert "watch" not in body and body["policy"]["watch"] is None
        assert {kind: words for kind, words in found.items() if words} == {}
    else:  # the same search finds it where it may stand
        assert body["watch"]["drawn"] and body["policy"]["watch"]
        assert found[".json"] >= KEYS
        assert text("watch.intro", "en") in found[".html"]
        assert text("section.watch", "zh") in found[".html"]
        assert text("table.watch", "en") in found[".xlsx"]


def test_the_gate_refuses_a_public_body_with_a_watch() -> None:
    body: Any = valid_body()
    body["policy"]["bulletin"] = {"audience": "public"}
    assert check(body, recount(body)) == []
    body["watch"] = {"flags": []}
    body["policy"]["watch"] = {"rules": []}
    refused = [r.cell for r in check(body, recount(body)) if r.reason == "not_public"]
    assert refused == ["watch", "policy.watch"]
    body["policy"]["bulletin"] = {"audience": "internal"}
    assert check(body, recount(body)) == []
