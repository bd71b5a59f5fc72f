"""Write the fictitious city's upstream files, to look at: python -m demo --out DIR --weeks 3

Writes per collect instant and source what would be delivered, the truth file, and a note that says
that everything in it is invented.
"""

import argparse
import sys
from pathlib import Path

from demo import truth
from demo.deliveries import deliveries
from demo.shipped import policy
from demo.world import World, build

NOTE = """虚构演示数据 / FICTITIOUS DEMO DATA
临湾市、其镇街、单位、人员均为虚构，与任何真实地区、单位、个人无关。
Linwan, its towns, companies and people are invented.
"""


def main(arguments: list[str] | None = None) -> int:
    asked = _asked(arguments)
    rules = policy(asked.policy)
    world = build(asked.seed, asked.weeks, asked.hazards, rules)
    files = _write(world, asked.out)
    sys.stdout.write(f"{files} files of the fictitious city in {asked.out}\n")
    return 0


def _asked(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m demo", description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder to write into")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--weeks", type=int, default=8)
    parser.add_argument("--hazards", type=int, default=5_000)
    parser.add_argument("--policy", type=Path, default=None, help="another policy.yaml")
    return parser.parse_args(arguments)


def _write(world: World, out: Path) -> int:
    """Delivery parts as out/<local time>/<source>/<part>; returns how many files."""
    count = 0
    out.mkdir(parents=True, exist_ok=True)
    (out / "FICTITIOUS.txt").write_text(NOTE, encoding="utf-8")
    truth.write(world, out / "truth.json")
    for delivery in deliveries(world):
        local = world.weeks.clock.local(delivery.received_at)
        folder = out / local.strftime("%Y-%m-%d_%H%M") / delivery.source
        folder.mkdir(parents=True, exist_ok=True)
        for part in delivery.parts:
            (folder / part.name).write_bytes(part.content)
            count += 1
    return count + 2


if __name__ == "__main__":
    sys.exit(main())
