"""The suite of findings: one hazard reported, by whichever channel.

Texts that say nothing are a warning here, because a grid worker's two words may be all there is;
a source whose texts are to be judged strictly says so in its declaration (`extra_rules`). The
patterns were drawn from 12,000 real self-check texts (tests/real/test_shenzhen_selfcheck.py).
"""

from typing import Any

from expectations.building import (
    absent,
    not_after_receipt,
    one_of,
    readable,
    required,
    sound,
    suite_of,
    unlike,
    within,
)
from expectations.words import CHANNELS, SEVERITIES, Words
from schemas.records import FINDING

# 己 and 以 are how 已 is mistyped.
_DONE = r"(?:整改|改善|处理|完善|落实|更换|清理|改正|更改|纠正|消除|清除|解决|维修|更新|修复)"
_HOW = r"(?:全部|按要求|及时|立即|立刻|现场|马上|即时)?"
_ENDED = r"(?:完毕|完成|到位|合格|完|好|过|了|中)?"
_ONLY_DONE = rf"(?:[已己以]经?)?{_HOW}(?:{_DONE}|检查|培训|安装|记录)(?:隐患)?{_ENDED}"
_STOCK = (
    r"(?:暂时?|存在|未发现|没有?|无|有)*(?:一般|轻微|安全|重大|较大)*(?:隐患|问题|异常)?"
    r"|是|否|不足|正常|良好|完好|合格|符合|其他|同上|测试"
)
# Judged on the letters alone (`description__gist`): none, one, a few Latin ones, stock words.
SAYS_NOTHING = rf"^(?:.?|[A-Za-z]{{0,4}}|{_STOCK}|{_ONLY_DONE})$"
# Terse, yet four of five real ones say something (堵塞, 插头坏): told apart from what says nothing.
TERSE = r"^.{2,3}$"
SAYS_RECTIFIED = rf"[已己以]经?{_HOW}{_DONE}"


def suite(words: Words) -> Any:
    """Finding rows as an ExpectationSuite."""
    return suite_of(
        FINDING,
        [
            *required(FINDING),
            *readable(FINDING),
            *not_after_receipt("found_at", "sent_at__stated"),
            one_of("town_code", words.towns, "U001"),
            one_of("sector_code", words.sectors, "U002"),
            one_of("severity", SEVERITIES),
            one_of("channel", CHANNELS),
            unlike("description__gist", SAYS_NOTHING, "T001"),
            unlike("description__gist", SAYS_RECTIFIED, "T002"),
            absent("description__repeats", "T004"),
            unlike("description__gist", TERSE, "T008"),
            *within(words.extent),
            *sound(),
        ],
    )
