"""What a description of a hazard says when it says little: patterns over its letters alone.

Drawn from 12,000 real self-check texts (tests/real/test_shenzhen_selfcheck.py); matched against
`description__gist` of `expectations.derived`.
"""

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
SAYS_RECTIFIED = rf"[已己以]经?{_HOW}{_DONE}"

# So few letters are terse, yet four of five real ones say something (堵塞, 插头坏).
TERSE = 3
