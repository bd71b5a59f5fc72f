"""One process that asks for a second person as soon as it is told to.

    python -m tests.operators.racer HOME COUNTY CONFIG URL CODE NOW

Says `ready`, waits for a line, says what came of it.
"""

import sys
from pathlib import Path

from schemas.settings import Settings
from tasks.county import open_county
from tests.operators.people import outcome


def main(home: str, county: str, config: str, url: str, code: str, now: str) -> None:
    settings = Settings.load(home, county=county, config_dir=Path(config), database_url=url)
    opened = open_county(settings)
    _say("ready")
    sys.stdin.readline()
    _say(outcome(opened, code, int(now)))


def _say(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
