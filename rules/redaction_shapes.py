"""What looks like a person's number or address, and where people say who they are, as patterns.

Over folded text (`rules.redaction_values`): digits and letters are plain ones, and letters small.
"""

import re

_G, _S = r"[ \t\r\n\-‐-―·•・._\u00ad\u2000-\u200f\u2060\ufeff]{0,2}", r"[ \-]{0,2}"
_HAN = "〇零○一幺壹二两贰三叁四肆五伍六陆七柒八捌九玖"
_MOBILE = rf"1{_G}[3-9](?:{_G}[0-9]){{9}}(?![0-9])"
# Each begins with what it begins with, and looks back then: so it is tried where that stands and
# nowhere else.
SHAPES = tuple(
    re.compile(shape)
    for shape in (
        # an identity number of 18, in one piece or grouped, and of 15 as until 1999
        rf"[0-9](?<![0-9]{{2}})[0-9]{{5}}{_S}[0-9]{{4}}{_S}[0-9]{{2}}{_S}[0-9]{{2}}{_S}[0-9]{{3}}"
        rf"{_S}[0-9x](?![0-9])",
        r"[0-9](?<![0-9]{2})[0-9]{3}(?:[ \-][0-9]{4}){3}[ \-][0-9][0-9x](?![0-9])",
        rf"[0-9](?<![0-9]{{2}})[0-9]{{5}}{_S}[0-9]{{6}}{_S}[0-9]{{3}}(?![0-9])",
        # a mobile number, with the country's code or without, in digits or in words
        rf"1(?<![0-9]1){_MOBILE[1:]}",
        rf"86(?<![0-9]86){_G}{_MOBILE}",
        rf"0086(?<![0-9]0086){_G}{_MOBILE}",
        rf"[一幺壹]{_G}[三叁四肆五伍六陆七柒八捌九玖](?:{_G}[{_HAN}]){{9}}",
        # a fixed line with its area code
        r"0(?<![0-9]0)[1-9][0-9]{1,2}[ \-)]{0,2}[2-9][0-9]{2,3}[ \-]?[0-9]{4}(?![0-9])",
        r"[a-z0-9._%+\-](?<![a-z0-9._%+\-]{2})[a-z0-9._%+\-]{0,63}"
        r"@[a-z0-9\-]{1,63}(?:\.[a-z0-9\-]{1,63})+",
    )
)
# A name, a number of any shape, an address, where people give theirs.
NAMED = re.compile(
    r"(?:(?:(?:联系|举报|反映|投诉|来电|信访|问政|上访)人(?:姓名)?|(?<![一-鿿])姓名) ?:[ \t]*"
    r"|我(?:名)?叫(?![了着过他她它你您们人来去不车]))([一-鿿·]{2,4})(?![一-鿿])"
)
NUMBERED = re.compile(
    r"(?:电话|手机|联系方式|微信|qq)[号码]{0,2} ?[:是为]? ?([0-9](?:[ \-]?[0-9]){6,15}(?![0-9]))"
)
LIVING = re.compile(
    r"(?:(?:家|本人|我)住在?|(?:住址|家庭(?:住址|地址)|联系地址|通讯地址) ?[:是为])[: ]{0,2}"
    r"(?![的那])"
    r"([^\x00\s，。；！？、,;!?()]{1,30}?[0-9]+(?:号|弄|幢|栋|座|室|楼|层|单元|组)"
    r"(?:[0-9]+(?:号|弄|幢|栋|座|室|楼|层|单元)?)*)"
)
TITLED = re.compile("([一-鿿])(?:先生|女士|小姐|某某|师傅|老师|阿姨)")
