"""Making, handing out and proving: by the office, and by the program that only knows the format."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest
from pytest_httpserver import HTTPServer

from rules.merkle import is_consistent, leaves, root_of
from schemas.period import HOUR_MS
from schemas.seals import SealFile
from schemas.settings import UpwardSettings
from tasks.auditing import AuditRefused, audit
from tasks.configuration import verifier
from tasks.sealing import SealRefused, ledger_lines, listed, make, proof, written_proof
from tests.postgresql.ways import UNGUARDED, forgetful
from tests.seal.conftest import Office, bring
from tests.store.tiny import MONDAY, Tiny, faster, finding

ACTOR = "封存员孙虚构"


def verified(*files: Path) -> tuple[int, list[str]]:
    """What the printed verifier says, alone: exit code and lines."""
    done = subprocess.run(
        [sys.executable, "-I", "-c", verifier(), *map(str, files)],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    return done.returncode, (done.stdout + done.stderr).splitlines()


def exported(office: Office, folder: Path) -> Path:
    path = folder / "ledger.jsonl"
    path.write_bytes(b"".join(ledger_lines(office.tiny.county)))
    return path


def said(path: Path) -> SealFile:
    return SealFile.model_validate_json(path.read_bytes())


def size(tiny: Tiny) -> int:
    return int(tiny.query("SELECT seq FROM ledger_head")[0][0])


def hashes(tiny: Tiny) -> list[str]:
    return [row[0] for row in tiny.query("SELECT hash FROM event ORDER BY seq")]


def test_a_seal_says_what_the_events_give_and_continues_the_one_before(office: Office) -> None:
    first, second = map(said, office.held)
    known = hashes(office.tiny)
    for seal in (first, second):
        assert seal.root == root_of(leaves(known[: seal.size])).hex()
        assert seal.head == known[seal.size - 1]
    assert (first.previous, first.consistency) == (None, [])
    assert second.previous is not None
    assert (second.previous.size, second.previous.root) == (first.size, first.root)
    path, roots = (
        map(bytes.fromhex, second.consistency),
        map(bytes.fromhex, (first.root, second.root)),
    )
    assert is_consistent(first.size, second.size, list(path), *roots)


def test_a_seal_is_an_event_of_the_ledger_that_it_seals(office: Office) -> None:
    events = office.tiny.query(
        "SELECT seq, stream_id, version, kind, actor, payload FROM event WHERE stream_kind = 'seal'"
        " ORDER BY seq"
    )
    assert [row[1:5] for row in events] == [("seal:ledger", n, "seal_made", ACTOR) for n in (1, 2)]
    for row, file in zip(events, map(said, office.held), strict=True):
        assert json.loads(row[5]) == {"size": file.size, "root": file.root, "head": file.head}
        assert row[0] == file.size + 1


def test_sealing_where_nothing_happened_since_appends_nothing_and_gives_the_same_bytes(
    office: Office,
) -> None:
    county = office.tiny.county
    done = make(county, MONDAY + 90 * HOUR_MS, ACTOR)
    assert done.is_new
    content, events = (county.home / done.file).read_bytes(), size(office.tiny)
    (county.home / done.file).unlink()
    again = make(county, MONDAY + 99 * HOUR_MS, "somebody else")
    assert replace(again, is_new=True) == done
    assert not again.is_new
    assert ((county.home / done.file).read_bytes(), size(office.tiny)) == (content, events)


def test_there_is_nothing_to_seal_in_an_empty_ledger(tiny: Tiny) -> None:
    with pytest.raises(SealRefused, match=r"no events yet.*bihuan collect"):
        make(tiny.county, MONDAY, ACTOR)


def test_nothing_is_sealed_over_a_tree_that_does_not_follow_from_the_events(office: Office) -> None:
    tiny, known = office.tiny, size(office.tiny)
    tiny.execute(*UNGUARDED, "UPDATE event SET hash = prev_hash WHERE seq = 5")
    with pytest.raises(SealRefused, match=r"somebody changed the database.*bihuan audit"):
        make(tiny.county, MONDAY + 90 * HOUR_MS, ACTOR)
    assert size(tiny) == known


def test_a_ledger_that_moves_meanwhile_is_sealed_as_it_became(office: Office) -> None:
    tiny, before = office.tiny, size(office.tiny)
    with faster(tiny, 2) as came:  # the first write takes the lease
        done = make(tiny.county, MONDAY + 90 * HOUR_MS, ACTOR)
    assert came == [2]
    assert done.seal.size == before + 1
    assert [seal.size for _, seal in listed(tiny.county)][-1] == done.seal.size
    folders = {p.name for p in (tiny.county.home / "seals" / tiny.county.code).iterdir()}
    assert str(before) not in folders


def test_the_verifier_follows_the_ledger_to_every_seal_and_names_the_tail(
    office: Office, tmp_path: Path
) -> None:
    code, lines = verified(exported(office, tmp_path), *office.held)
    first, second = map(said, office.held)
    assert code == 0, lines
    assert lines[0].startswith(
        f"330282: {size(office.tiny)} events, head {hashes(office.tiny)[-1]}"
    )
    assert [line for line in lines if "are those that were sealed" in line] == [
        f"330282: the first {seal.size} events are those that were sealed"
        for seal in (first, second)
    ]
    tail = f"330282: no seal given here covers events {second.size + 1} to {size(office.tiny)}"
    assert tail in lines
    assert lines[-1] == "ok"


@pytest.mark.sqlite
def test_the_verifier_reads_a_store_as_it_lies_there(office: Office) -> None:
    office.tiny.county.engine.dispose()
    code, lines = verified(office.tiny.county.home / "bihuan.sqlite", office.held[-1])
    assert code == 0, lines


def changed(path: Path, number: int, column: int, value: Any) -> None:
    """One event of an exported ledger, changed."""
    lines = path.read_bytes().splitlines()
    row = orjson.loads(lines[number])
    row[column] = value
    lines[number] = orjson.dumps(row)
    path.write_bytes(b"\n".join(lines) + b"\n")


def test_the_verifier_names_the_event_that_was_changed(office: Office, tmp_path: Path) -> None:
    path = exported(office, tmp_path)
    changed(path, 7, 6, 1)  # claimed_at
    code, lines = verified(path, *office.held)
    assert code == 1
    assert any("WRONG: 330282: event 7 was changed" in line for line in lines)
    assert lines[-1] == "NOT OK"


@pytest.mark.parametrize("kept", [0, 10])
def test_the_verifier_misses_events_that_were_cut_off(
    office: Office, tmp_path: Path, kept: int
) -> None:
    path = exported(office, tmp_path)
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[: kept + 1]))
    code, lines = verified(path, *office.held)
    assert code == 1
    assert any(f"events and has {kept}" in line for line in lines)
    assert any("no event" in line or "were removed" in line for line in lines)


def test_seals_alone_show_that_one_continues_the_other(office: Office, tmp_path: Path) -> None:
    assert verified(*office.held)[0] == 0
    first, second = (json.loads(path.read_bytes()) for path in office.held)
    other = tmp_path / "other.json"
    for wrong in (
        second | {"root": first["root"]},
        second | {"consistency": second["consistency"][:-1]},
        second | {"previous": second["previous"] | {"root": second["root"]}},
    ):
        other.write_text(json.dumps(wrong), "utf-8")
        assert verified(office.held[0], other)[0] == 1, wrong


def test_every_sealed_event_can_be_proved_alone(office: Office, tmp_path: Path) -> None:
    last = said(office.held[-1]).size
    files = []
    for number in (1, 2, last // 2, last - 1, last):
        files.append(tmp_path / f"proof-{number}.json")
        files[-1].write_bytes(written_proof(proof(office.tiny.county, number)))
    code, lines = verified(office.held[-1], *files)
    assert code == 0, lines
    assert sum("is one of the" in line for line in lines) == len(files)


def test_a_proof_of_another_event_or_without_its_seal_proves_nothing(
    office: Office, tmp_path: Path
) -> None:
    told = json.loads(written_proof(proof(office.tiny.county, 4)))
    path = tmp_path / "proof.json"
    wrong: list[dict[str, Any]] = [
        told | {"event": [*told["event"][:6], 1, *told["event"][7:]]},
        told | {"event": [told["event"][0], 5, *told["event"][2:]]},
        told | {"path": told["path"][:-1]},
        told | {"prev_hash": told["hash"]},
    ]
    for one in wrong:
        path.write_text(json.dumps(one), "utf-8")
        assert verified(office.held[-1], path)[0] == 1, one
    path.write_text(json.dumps(told), "utf-8")
    assert verified(office.held[-1], path)[0] == 0
    code, lines = verified(office.held[0], path)
    assert code == 1
    assert any("without it this proves nothing" in line for line in lines)


def test_what_is_not_sealed_yet_is_not_proved(office: Office) -> None:
    last = said(office.held[-1]).size
    with pytest.raises(SealRefused, match=rf"event {last + 1} is not sealed.*first {last} are"):
        proof(office.tiny.county, last + 1)


@pytest.mark.parametrize("content", ["", "{}", '{"format": "other/1"}', "[1]"])
def test_the_verifier_says_what_it_cannot_read(tmp_path: Path, content: str) -> None:
    path = tmp_path / "odd.json"
    path.write_text(content, "utf-8")
    code, lines = verified(path)
    assert code == 1
    assert "cannot be read" in lines[0]


def test_a_seal_kept_elsewhere_is_part_of_the_audit(office: Office) -> None:
    seals = [said(path).seal for path in office.held]
    report = audit(office.tiny.county, seals)
    assert (report.ok, report.findings) == (True, [])
    assert (report.sealed, report.held) == (seals[-1].size, seals[-1].size)
    assert report.sealed < report.size
    assert audit(office.tiny.county, seals[:1]).held == seals[0].size
    assert audit(office.tiny.county).held == 0
    forged = replace(seals[0], root="0" * 64)
    (found,) = audit(office.tiny.county, [forged]).findings
    assert found["check"] == "seal"
    assert "history was rewritten" in found["problem"]


def test_a_seal_of_another_county_is_refused(office: Office) -> None:
    foreign = replace(said(office.held[0]).seal, county="330281")
    with pytest.raises(AuditRefused, match="is of 330281, and this county is 330282"):
        audit(office.tiny.county, [foreign])


@pytest.mark.parametrize(
    "change", ["ledger_head SET frontier = ''", "ledger_slice SET root = hash WHERE last_seq = {}",
               "ledger_slice SET hash = root WHERE last_seq = {}"],
)  # fmt: skip
def test_a_tree_that_was_changed_beside_the_events_is_found(office: Office, change: str) -> None:
    first = office.tiny.query("SELECT min(last_seq) FROM ledger_slice")[0][0]
    forgetful(office.tiny)
    office.tiny.execute(f"UPDATE {change.format(first)}")
    (found,) = audit(office.tiny.county).findings
    assert found["check"] == "tree"


def sends_to(office: Office, **to: UpwardSettings) -> Any:
    county = office.tiny.county
    return replace(
        county,
        settings=county.settings.model_copy(update={"upward": to, "seal_to": tuple(to)}),
    )


def test_a_seal_goes_to_whoever_holds_it_and_waits_while_he_cannot_be_reached(
    office: Office, tmp_path: Path, httpserver: HTTPServer
) -> None:
    httpserver.expect_oneshot_request("/in", method="POST").respond_with_data("", 503)
    httpserver.expect_request("/in", method="POST").respond_with_data("", 201)
    archive = tmp_path / "archive"
    http = UpwardSettings(url=httpserver.url_for("/in"))
    county = sends_to(office, archive=UpwardSettings(folder=archive), notary=http)
    first = make(county, MONDAY + 90 * HOUR_MS, ACTOR)
    assert set(first.waiting) == {"archive", "notary"}
    assert "503" in first.waiting["notary"]
    archive.mkdir()
    bring(office.tiny, 9, "F9")
    second = make(county, MONDAY + 900 * HOUR_MS, ACTOR)
    assert second.waiting == {}
    files = [county.home / done.file for done in (first, second)]
    assert {p.name: p.read_bytes() for p in archive.iterdir()} == {
        p.name: p.read_bytes() for p in files
    }
    keys = [request.headers["Idempotency-Key"] for request, _ in httpserver.log]
    sizes = [first.seal.size, first.seal.size, second.seal.size]
    assert keys == [f"seal:330282:{n}:notary" for n in sizes]
    make(county, MONDAY + 901 * HOUR_MS, ACTOR)
    assert len(httpserver.log) == 3


def test_a_holder_who_is_named_later_is_given_the_last_seal(office: Office, tmp_path: Path) -> None:
    done = make(office.tiny.county, MONDAY + 90 * HOUR_MS, ACTOR)
    (tmp_path / "archive").mkdir()
    later = sends_to(office, archive=UpwardSettings(folder=tmp_path / "archive"))
    assert make(later, MONDAY + 91 * HOUR_MS, ACTOR).waiting == {}
    (kept,) = (tmp_path / "archive").iterdir()
    assert kept.name == done.file.name


def test_a_seal_whose_file_cannot_be_written_is_none(office: Office) -> None:
    tiny, known = office.tiny, size(office.tiny)
    folder = tiny.county.home / "seals"
    folder.rename(folder.with_name("elsewhere"))
    folder.write_text("in the way", "utf-8")
    with pytest.raises(OSError, match="seals"):
        make(tiny.county, MONDAY + 90 * HOUR_MS, ACTOR)
    assert size(tiny) == known
    folder.unlink()
    assert make(tiny.county, MONDAY + 91 * HOUR_MS, ACTOR).seal.size == known


def test_findings_that_come_after_a_seal_extend_it(office: Office) -> None:
    done = make(office.tiny.county, MONDAY + 90 * HOUR_MS, ACTOR)
    office.tiny.drop("findings", finding("G1"))
    office.tiny.collect("findings", MONDAY + 91 * HOUR_MS)
    later = make(office.tiny.county, MONDAY + 92 * HOUR_MS, ACTOR)
    file = said(office.tiny.county.home / later.file)
    assert file.previous is not None
    assert file.previous.size == done.seal.size
    assert (
        verified(office.tiny.county.home / done.file, office.tiny.county.home / later.file)[0] == 0
    )
