"""Pictures for the operator guide, from a home: its site, an edition, what waits, Prefect's pages.

python tools/screenshots.py --home .home/demo --out pictures

Promise: it starts nothing but a headless browser, changes nothing in the home and presses no button
but that of the log-in. Prefect's pages are there while `bihuan serve` runs on the home; what cannot
be had is named. Needs the development environment and a chromium. No picture goes into the
repository: they age.
"""

import argparse
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import requests
from playwright.sync_api import Browser, Page, sync_playwright

from flows import access
from schemas.settings import Settings

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
SIZE = {"width": 1300, "height": 1000}
_PATIENCE_MS = 60_000


class NoPicture(Exception):
    """A picture cannot be had; the message says what to do."""


def files(home: Path, lang: str) -> dict[str, Path]:
    """Pages that lie in the home, by the name of their picture."""
    editions = sorted(home.glob(f"editions/*/weekly/*/*/bulletin.{lang}.html"))
    first = home / "site" / ("en/index.html" if lang == "en" else "index.html")
    internal = home / "site-internal" / ("en/index.html" if lang == "en" else "index.html")
    newest = editions[-1] if editions else home / "editions"
    pending = home / "pages" / "pending.html"
    return {"site": first, "internal": internal, "edition": newest, "pending": pending}


def take_files(browser: Browser, home: Path, out: Path, lang: str) -> Iterator[str]:
    """A picture of every page that is there; a line about each."""
    for name, path in files(home, lang).items():
        if not path.is_file():
            yield f"{name}: no {path.name} in this home yet (bihuan site build, pending, bulletin)"
            continue
        page = browser.new_page(viewport=SIZE)  # type: ignore[arg-type]
        page.goto(path.resolve().as_uri())
        yield _kept(page, out / f"{name}.png", whole=False)
        page.close()


def take_prefect(browser: Browser, settings: Settings, out: Path) -> Iterator[str]:
    """The list of jobs and the form of the late submission, as they are served now."""
    address = f"http://127.0.0.1:{settings.serve_port}"
    deployment = _deployment(settings, address, "late")
    page = browser.new_page(viewport=SIZE)  # type: ignore[arg-type]
    page.set_default_timeout(_PATIENCE_MS)
    page.goto(f"{address}/login?redirect=/deployments")
    if known := access.password(settings):
        page.locator("input").first.fill(known)
        page.keyboard.press("Enter")
    page.wait_for_url("**/deployments*")
    page.get_by_text("bihuan").first.wait_for()
    yield _kept(page, out / "jobs.png")
    page.goto(f"{address}/deployments/deployment/{deployment}/run")
    page.get_by_role("button", name="Submit").wait_for()
    yield _kept(page, out / "form.png")
    page.close()


def _deployment(settings: Settings, address: str, flow: str) -> str:
    """The id of a flow's deployment. Raises NoPicture where nothing answers."""
    asked = {"flows": {"name": {"any_": [flow]}}}
    try:
        answer = requests.post(
            f"{address}/api/deployments/filter",
            json=asked,
            headers=access.header(settings),
            timeout=20,
        )
        answer.raise_for_status()
        found = answer.json()
    except requests.RequestException as error:
        raise NoPicture(
            f"jobs, form: {address} does not answer ({type(error).__name__});"
            " run `bihuan serve` on this home beside"
        ) from None
    if not found:
        raise NoPicture(f"jobs, form: {address} has no deployment of {flow}")
    return str(found[0]["id"])


def _kept(page: Page, path: Path, *, whole: bool = True) -> str:
    page.wait_for_timeout(1_500)  # charts and fonts
    page.screenshot(path=path, full_page=whole)
    return str(path)


@contextmanager
def chromium() -> Iterator[Browser]:
    """A headless browser of this machine. Raises NoPicture."""
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if found is None:
        raise NoPicture(f"no browser: install one of {', '.join(BROWSERS)}")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield browser
        browser.close()


def main(say: Callable[[str], object] = lambda line: sys.stdout.write(line + "\n")) -> int:
    """0: every picture was made; 1: some were not, and were named."""
    parser = argparse.ArgumentParser(description="pictures for the operator guide, from a home")
    parser.add_argument("--home", type=Path, required=True, help="the home, a demo's for instance")
    parser.add_argument("--out", type=Path, required=True, help="folder of the pictures")
    parser.add_argument("--lang", choices=("zh", "en"), default="zh", help="language of the pages")
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    missing = 0
    try:
        with chromium() as browser:
            for line in take_files(browser, given.home, given.out, given.lang):
                missing += not line.endswith(".png")
                say(line)
            for line in take_prefect(browser, Settings.load(given.home), given.out):
                say(line)
    except NoPicture as error:
        say(str(error))
        missing += 1
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
