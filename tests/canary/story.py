"""The canary goes through every flow, failures included; as a program, because it is one process
with one Prefect of its own.

Real servers on loopback, real files, the real flows and commands. What the commands print is kept
and searched, but for what `vault open` shows. Then reporters are declared no more, on purpose, and
the same search must find them. The last line on stdout is what came of it, as JSON.

    python -m tests.canary.story FOLDER
"""

import json
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import openpyxl
import yaml

from flows.cli.demo import prepared
from flows.cli.homes import THROW_AWAY
from flows.cli.output import Output
from flows.cli.session import run_flow
from schemas.period import DAY_MS
from tests.canary import birds
from tests.canary.birds import as_csv, as_xlsx, letter, page, tip
from tests.canary.search import Hit, search
from tests.hostile.server import EMPTY, Answer, Asked, Hostile, serving

SIZE = {"seed": 1, "weeks": 1, "hazards": 50}
APPROVER = "批准人李虚构"


@dataclass
class Stage:
    """A demo home with two more sources, and what became of it so far."""

    folder: Path
    city: Any
    server: Hostile
    runs: list[tuple[str, str]] = field(default_factory=list)  # flow, state or exception
    opened: dict[str, str] = field(default_factory=dict)
    degraded: list[dict[str, str]] = field(default_factory=list)
    audit: list[dict[str, str]] = field(default_factory=list)

    @property
    def home(self) -> Path:
        return self.folder / "home"

    @property
    def weeks(self) -> Any:
        return self.city.world.weeks

    @property
    def searched(self) -> list[Path]:
        """Everything that is ours; the upstream systems' own files are not."""
        ours = [p for p in self.home.iterdir() if p.is_dir() and p.name not in ("city", "vault")]
        return [*ours, self.folder / "console", self.folder / "tmp", self._loose()]

    def _loose(self) -> Path:
        """Files that lie in the home itself: the store and its log."""
        folder = self.folder / "loose"
        folder.mkdir(exist_ok=True)
        for path in (p for p in self.home.iterdir() if p.is_file() and p.name != THROW_AWAY):
            (folder / path.name).write_bytes(path.read_bytes())
        return folder

    def drop(self, name: str, content: bytes) -> None:
        (self.folder / "letters" / name).write_bytes(content)

    def flow(self, name: str, at: int, **values: Any) -> dict[str, Any]:
        """One run under Prefect; what it raised is noted as people would see it."""
        from flows import forms
        from flows.runtime import standing_at

        form = getattr(forms, f"{name.capitalize()}Form")(**values)
        with standing_at(at):
            try:
                result = run_flow(name, form)
            except Exception as error:
                self.runs.append((name, type(error).__name__))
                self.keep(f"{type(error).__name__}: {error}")
                return {}
        self.runs.append((name, "done"))
        self.keep(json.dumps(result, ensure_ascii=False, default=str))
        return result

    def command(self, at: int, *words: str, show: bool = True, code: int = 0) -> dict[str, Any]:
        """One `bihuan` command with --json; its output is kept, but for a clear text."""
        from typer.testing import CliRunner

        from flows.cli.main import app
        from flows.runtime import standing_at

        with standing_at(at):
            done = CliRunner().invoke(app, [*words, "--home", str(self.home), "--json"])
        self.keep(done.stderr + (done.stdout if show else ""))
        assert done.exit_code == code, (words, done.stderr)
        return dict(json.loads(done.stdout))

    def keep(self, text: str) -> None:
        with (self.folder / "console" / "said.txt").open("a", encoding="utf-8") as file:
            file.write(text + "\n")


@contextmanager
def staged(folder: Path) -> Iterator[Stage]:
    for name in ("letters", "console", "tmp", "home"):
        (folder / name).mkdir(parents=True)
    os.environ["TMPDIR"] = tempfile.tempdir = str(folder / "tmp")  # what is left there is found
    with serving() as server, prepared(folder / "home", Output(True), False, False, **SIZE) as city:
        stage = Stage(folder, city, server)
        declare(stage, birds.LETTERS)
        for name in ("tips", *broken()):
            connector = birds.TIPS["connector"] | {"path": f"/{name}"}
            declare(stage, birds.TIPS | {"name": name, "connector": connector})
        with (folder / "home" / "bihuan.toml").open("a", encoding="utf-8") as file:
            file.write(f'\n[sources.letters]\nfolder = "{folder / "letters"}"\n')
            for name in ("tips", *broken()):
                file.write(f'[sources.{name}]\nurl = "{server.url}"\ntimeout_seconds = 0.3\n')
        complaints = city.desk.feeds._complaints
        first = min(complaints, key=lambda c: c.row.claimed)
        first.base = birds.request(first.base)
        yield stage


def declare(stage: Stage, source: dict[str, Any]) -> None:
    path = stage.home / "config" / "linwan" / "sources" / f"{source['name']}.yaml"
    path.write_text(yaml.safe_dump(source, allow_unicode=True), "utf-8")


def halfway(*items: dict[str, Any]) -> Answer:
    """The first page whole; the connection breaks within the second."""

    def answer(asked: Asked) -> None:
        content = page(*items)
        if "page=1&" in asked.path:
            asked.whole(content)
            return
        asked.head(Content_Type="application/json", Content_Length=str(len(content) * 2))
        asked.wfile.write(content)

    return answer


def answered(content: bytes, status: int = 200) -> Answer:
    """This as the first page, nothing as the others."""

    def answer(asked: Asked) -> None:
        body = content if "page=1&" in asked.path else EMPTY
        asked.head(status, Content_Type="application/json", Content_Length=str(len(body)))
        asked.wfile.write(body)

    return answer


def broken() -> dict[str, Answer]:
    """Feeds that are malformed in every way, each with the reporter in it, by their source."""
    good = json.dumps({"items": [tip("T1")]}, ensure_ascii=False)
    twice = good.replace("}", f', "{birds.NAME}": 1, "{birds.NAME}": 2}}', 1)
    keyed = json.dumps({birds.NAME: [tip("T1")]})
    texts = json.dumps({"items": [f"{birds.NAME} {birds.PHONE}"]})
    refusal = json.dumps([{"code": 1, "description": f"{birds.PHONE} 重复"}])
    return {
        "feed_halfway": halfway(*[tip(f"T{n}") for n in range(10)]),
        "feed_cut": answered(good.encode()[:-30]),
        "feed_twice": answered(twice.encode()),
        "feed_keyed": answered(keyed.encode()),
        "feed_texts": answered(texts.encode()),
        "feed_error": answered(refusal.encode(), 500),
    }


def serve(stage: Stage, answers: dict[str, Answer]) -> None:
    """Each of these feeds is answered so under its own path, any other with nothing."""
    nothing = answered(EMPTY)

    def answer(asked: Asked) -> None:
        answers.get(asked.path.strip("/").partition("?")[0], nothing)(asked)

    stage.server.answer = answer


def first_week(stage: Stage) -> None:
    """Good rows, refused rows, files that cannot be read, feeds that break; then an edition."""
    monday = stage.weeks.first[0]
    stage.city.advance(monday)
    stage.drop("a.xlsx", as_xlsx(letter("L1"), letter("L2", 镇街="无此镇"), letter("L3", 时间="?")))
    stage.drop("b.csv", as_csv(letter("L4")) + b"1,2\n")  # ragged
    stage.drop("c.csv", as_csv(letter("L5"), letter("L6"), heading=False))
    stage.drop("d.csv", as_csv(letter("L7", 邮箱=birds.NAME), heading=False))  # a name twice
    stage.drop("e.xlsx", as_xlsx(letter("L8"))[:-200])
    stage.drop("f.csv", as_csv(letter("L9", town="听涛街道")))
    serve(stage, broken())
    stage.degraded = stage.flow("collect", monday)["degraded"]
    after = stage.weeks.cut_off(0) + 300_000
    stage.flow("bulletin", after, period=stage.weeks.code(0), dry_run=False)


def corrections(stage: Stage) -> None:
    """The workbook comes back: one row put right, its reporter and text typed anew; then late."""
    wednesday = stage.weeks.second[0]
    (sent_back,) = (stage.home / "outgoing" / "letters").glob("*.xlsx")
    book = openpyxl.load_workbook(sent_back)
    sheet = book.worksheets[0]
    at = {cell.value: cell.column for cell in sheet[1]}
    for line in range(2, sheet.max_row + 1):
        if str(sheet.cell(line, at["编号"]).value) == "L2":
            sheet.cell(line, at["镇街"]).value = "望潮街道"
            sheet.cell(line, at["举报人"]).value = birds.NAME
            sheet.cell(line, at["描述"]).value = birds.NARRATIVE
    book.save(stage.folder / "letters" / "back.xlsx")
    stage.city.advance(wednesday)
    day = stage.weeks.monday(0)
    stage.flow("late", wednesday, days=[day], sources=["letters"], dry_run=False)


def crash(stage: Stage) -> None:
    """A run fails while a row is in hand; the next one goes on."""
    wednesday = stage.weeks.second[0] + 60_000
    items = tip("T1"), tip("T2", town="无此镇")
    serve(stage, {"tips": answered(page(*items, escaped=True))})
    landing = stage.home / "landing" / "999001" / "tips"
    landing.rename(landing.with_suffix(".kept"))
    landing.write_text("in the way")  # redacted, and then nowhere to put it
    stage.flow("collect", wednesday, sources=["tips"])
    landing.unlink()
    landing.with_suffix(".kept").rename(landing)
    stage.flow("collect", wednesday, sources=["tips"])


def operators(stage: Stage) -> None:
    """Actions on its hazards, done and refused; papers, pages, lists, comparisons."""
    now = stage.weeks.second[0] + 120_000
    number = next(c.row.id for c in stage.city.desk.feeds._complaints if c.base["media_url"])
    hazard = f"complaints:{number}"
    told = {"organisation": "虚构市安委办", "person": "核查员赵虚构"}
    stage.flow("act", now, hazard=hazard, event="verified", actor="张虚构", dry_run=False, **told)
    stage.flow(
        "act", now, hazard="complaints:none", event="verified", actor="张虚构", dry_run=False
    )
    stage.command(now, "quarantine", "export")
    stage.command(now, "quarantine", "page")
    stage.command(now, "source", "check", "tips")
    stage.command(now, "source", "reconcile", "letters", code=1)  # some files cannot be read
    papers = stage.home / "papers"
    papers.mkdir()
    words = ("--requirement", "立即整改", "--what", f"{birds.NEIGHBOUR}堵住通道")
    stage.command(now, "paper", "slip", hazard, "--out", str(papers / "slip.docx"), *words)
    stage.command(now, "paper", "report", hazard, "--out", str(papers / "report.docx"))
    for name in ("hazards.xlsx", "hazards.csv"):
        stage.command(now, "hazard", "export", str(papers / name), "--state", "all")
    for words in (("show", hazard), ("list",), ("register",)):
        stage.command(now, "hazard", *words)
    for words in (("show", hazard), ("list",)):
        stage.command(now, "report", *words)


def clocks(stage: Stage) -> None:
    """A month later nothing has been done: reminders, messages, those who did not report."""
    later = stage.weeks.last + 30 * DAY_MS
    stage.city.advance(stage.weeks.last)
    stage.flow("supervise", later)


def custodian(stage: Stage) -> None:
    """One reporter is opened, another erased; the audit comes last."""
    from flows.runtime import opened
    from tasks.enrolling import enrol
    from tasks.operators import code_for

    now = stage.weeks.last + 31 * DAY_MS
    enrol(opened(), APPROVER, "虚构市安委办", "leader", "张虚构", now)
    first, second = (
        stage.command(now, "vault", "list", "--source", s)["rows"][0]["token"]
        for s in ("letters", "tips")
    )
    approved = ("--actor", "张虚构", "--approver", APPROVER, "--code")
    key = str(stage.home / THROW_AWAY)
    open_ = ("vault", "open", first, "--key", key, "--purpose", "核实来源", *approved)
    shown = stage.command(now, *open_, code_for(opened(), APPROVER, now), show=False)
    stage.opened = {f["field"]: f["value"] for f in shown["fields"]} | {
        "commitment": shown["commitment"]
    }
    erase = ("vault", "erase", second, "--reason", "期满", *approved)
    stage.command(now, *erase, code_for(opened(), APPROVER, now))
    stage.command(now, "vault", "sweep", "--days", "1", "--apply")
    stage.command(now, "vault", "status")
    stage.audit = stage.flow("audit", now)["findings"]


def leak(stage: Stage) -> None:
    """On purpose: nobody says that there are reporters."""
    from flows import runtime

    runtime._county.cache_clear()
    for source in (birds.LETTERS, birds.TIPS):
        declare(stage, source | {"reporter_fields": []})
    at = stage.weeks.last + 32 * DAY_MS
    stage.drop("g.xlsx", as_xlsx(letter("X1"), letter("X2", 镇街="无此镇")))
    stage.drop("h.csv", as_csv(letter("X3", 邮箱=birds.NAME), heading=False))
    serve(stage, {"tips": answered(page(tip("X4")))})
    stage.flow("collect", at, sources=["letters", "tips"])


def play(folder: Path) -> dict[str, Any]:
    with staged(folder) as stage:
        for act in (first_week, corrections, crash, operators, clocks, custodian):
            act(stage)
        hits = search(*stage.searched, canaries=birds.CANARIES)
        sealed = search(stage.home / "vault", canaries=birds.CANARIES)
        sings = places(search(*stage.searched, canaries=(birds.NEIGHBOUR,)))
        played = list(stage.runs)
        leak(stage)
        leaked = search(*stage.searched, canaries=birds.CANARIES)
    return {
        "hits": [asdict(hit) for hit in hits],
        "sealed": [asdict(hit) for hit in sealed],
        "sings": sings,
        "runs": played,
        "opened": stage.opened,
        "degraded": stage.degraded,
        "audit": stage.audit,
        "leaked": places(leaked),
        "leaked_spellings": sorted({hit.spelling for hit in leaked}),
    }


def places(hits: list[Hit]) -> list[str]:
    return sorted({hit.place for hit in hits})


if __name__ == "__main__":
    with suppress(BrokenPipeError):
        sys.stdout.write(json.dumps(play(Path(sys.argv[1])), ensure_ascii=False) + "\n")
