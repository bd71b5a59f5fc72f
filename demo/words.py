"""The words of the fictitious city: hazards by sector, places, streets, people.

Promise: every company, street and person is invented and says so ("演示"). `colloquial` texts
are what somebody would say who does not know the trade: they share no wording with the trained
inspector's text, so the identity rule cannot join the two.
"""

from random import Random

# category: (what is wrong, what was seen there, the same in the words of a passer-by)
_CATEGORIES: dict[str, dict[str, tuple[str, str, str]]] = {
    "industry": {
        "机械防护": ("冲床安全防护装置缺失", "双手启动按钮被短接", "机器没罩子手容易进去"),
        "用电安全": ("配电箱内线路私拉乱接", "漏电保护器试验失灵", "电线像蜘蛛网看着怕人"),
        "粉尘防爆": ("打磨除尘管道积尘严重", "未按规定设置锁气卸灰装置", "灰大得睁不开眼睛"),
        "有限空间": ("污水池作业未落实审批", "现场未配备气体检测仪器", "下池子的人啥都没戴"),
    },
    "road_traffic": {
        "路口视距": ("平交路口绿化带遮挡视线", "缺少减速让行标志标线", "拐弯那里看不见车"),
        "护栏缺失": ("临水临崖路段波形护栏缺失", "夜间无反光轮廓标提示", "路边掉下去就是河"),
        "车辆管理": ("货运车辆动态监控长期离线", "驾驶员教育培训记录缺失", "大车开得飞快没人管"),
    },
    "fire": {
        "疏散通道": ("安全出口被货物堵塞上锁", "疏散走道净宽严重不足", "门口堆满了人出不去"),
        "消防设施": ("室内消火栓无水压力不足", "灭火器过期且数量不够", "灭火的东西是坏的"),
        "电动车充电": ("电动自行车在门厅内停放充电", "充电线路飞线跨越楼梯", "楼道里充电瓶太吓人"),
        "违规住人": ("仓库内设置员工宿舍", "住宿与作业区域未作防火分隔", "库房里头睡着人"),
    },
    "construction": {
        "高处作业": ("临边洞口防护栏杆未设置", "作业人员未系挂安全带", "楼顶上的人没拴绳"),
        "脚手架": ("外脚手架连墙件缺失松动", "脚手板未满铺且有探头板", "架子摇摇晃晃的"),
        "深基坑": ("基坑周边超限堆载土方", "未按方案进行变形监测", "大坑边上裂了口子"),
    },
    "hazardous_chemicals": {
        "储存管理": ("禁忌化学品混放于同一库房", "未设置气体泄漏报警装置", "味道刺鼻头都晕了"),
        "动火作业": ("罐区动火作业票审批不全", "可燃气体分析超过有效时限", "油罐旁边在焊东西"),
        "重大危险源": ("储罐液位联锁切断装置停用", "未开展定期检验与评估", "罐子上的表不动了"),
    },
    "water_transport": {
        "船舶救生": ("渡船救生衣数量配备不足", "救生圈老化开裂无法使用", "坐船没有救生衣穿"),
        "码头系泊": ("码头系船柱锈蚀松动变形", "防撞橡胶护舷大面积脱落", "码头铁桩子要断了"),
    },
    "urban_operation": {
        "燃气安全": ("餐饮场所瓶装液化气超量存放", "连接软管老化且穿越墙体", "一进门就是煤气味"),
        "自建房": ("自建房擅自加层改变结构", "承重墙体出现贯通裂缝", "房子歪了要倒的样子"),
        "井盖设施": ("道路检查井盖破损沉降", "未设置防坠网与警示围挡", "马路上有个大窟窿"),
    },
    "tourism": {
        "游乐设施": ("高空滑索设备超期未检验", "安全压杆锁紧装置失灵", "玩的那个架子嘎吱响"),
        "景区步道": ("临崖步道栏杆锈蚀断裂", "未公示最大瞬时承载量", "栏杆一靠就晃"),
    },
    "education": {
        "校园消防": ("学生宿舍应急照明灯具损坏", "疏散楼梯间防火门常开失效", "娃的宿舍晚上黑漆漆"),
        "校车管理": ("校车逃生锤数量配备缺失", "随车照管人员无岗前培训", "接娃的车挤得很"),
    },
    "agriculture": {
        "农机安全": ("联合收割机传动护罩缺失", "拖拉机灯光信号装置损坏", "割稻子的机器没盖子"),
        "渔船安全": ("渔船舱底火灾报警装置损坏", "船员未经专业技能培训上岗", "打鱼的船老冒烟"),
        "沼气设施": ("沼气池口未加装防护盖板", "未设置严禁烟火警示标识", "粪池子敞着口"),
    },
}
_SPOTS = ("东侧", "西侧", "南侧", "北侧", "中部", "入口处", "后院", "二层", "三层", "底层")
_AREAS = ("一号区域", "二号区域", "三号区域", "四号区域", "甲区", "乙区", "丙区", "丁区")
_STREETS = ("海塘路", "潮汐路", "灯塔街", "渔歌巷", "盐田路", "观澜大道", "帆影路", "星沙街")
_BRANDS = ("星河", "云帆", "碧浪", "晨汐", "朗月", "望舒", "青禾", "长汀", "远岸", "和风")
_TRADES = {
    "enterprise": ("五金厂", "塑料制品厂", "轴承厂", "纺织厂", "电器厂", "冷链仓储"),
    "shop": ("便利店", "餐馆", "旅馆", "棋牌室", "理发店", "建材店"),
    "vulnerable_home": ("困难家庭",),
    "rented_home": ("出租房",),
}
_SURNAMES = ("甲", "乙", "丙", "丁", "戊", "己", "庚", "辛", "壬", "癸")


def categories(sector: str) -> list[str]:
    return list(_CATEGORIES[sector])


def all_categories() -> list[tuple[str, str]]:
    """Every (sector, category), in a fixed order."""
    return [(sector, name) for sector in _CATEGORIES for name in _CATEGORIES[sector]]


def description(rng: Random, sector: str, category: str) -> str:
    """What a trained person writes: 25 to 40 characters, a place within the place, two findings."""
    what, seen, _ = _CATEGORIES[sector][category]
    return f"{rng.choice(_AREAS)}{rng.choice(_SPOTS)}{what}，{seen}，涉及{rng.randint(2, 98)}处。"


def reworded(rng: Random, text: str) -> str:
    """Near-same text, as another trained person copies it: at most two characters differ.

    Every rule must join these: they are in every world. For measuring there is `retold`.
    """
    return rng.choice((text[:-1], text[:-1] + "！", text.replace("，", "、", 1), "现" + text))


# What people write for what inspectors write; partly other words than the shipped policy knows.
_OTHER_WORDS = (
    ("缺失", "没有"), ("损坏", "坏了"), ("堵塞", "堵住"), ("不足", "不够"), ("脱落", "掉了"),
    ("松动", "晃动"), ("破损", "烂了"), ("严重", "很厉害"), ("未设置", "没装"), ("未", "没"),
)  # fmt: skip
_NUMBER_FORMS = (
    ("一号", "1号"), ("二号", "2号"), ("三号", "３号"), ("四号", "4 号"), ("二层", "2楼"),
    ("三层", "3楼"), ("底层", "一楼"), ("，涉及", "，共"),
)  # fmt: skip


def retold(rng: Random, text: str) -> str:
    """The same thing as somebody else tells it: one to three changes, each of which happens."""
    changes = (_mistyped, _in_other_words, _in_other_numbers, _reordered, _shortened, _framed)
    for change in rng.sample(changes, rng.choice((1, 1, 2, 2, 3))):
        text = change(rng, text)
    return text


def _mistyped(rng: Random, text: str) -> str:
    """A letter left out, doubled, or two of them swapped."""
    at = rng.randrange(1, len(text) - 2)
    new = rng.choice(("", text[at] * 2 + text[at + 1], text[at + 1] + text[at]))
    return text[:at] + new + text[at + 2 :]


def _in_other_words(_rng: Random, text: str) -> str:
    for word, other in _OTHER_WORDS:
        text = text.replace(word, other)
    return text


def _in_other_numbers(_rng: Random, text: str) -> str:
    for word, other in _NUMBER_FORMS:
        text = text.replace(word, other)
    return text


def _reordered(_rng: Random, text: str) -> str:
    first, *rest = text.rstrip("。").split("，")
    return "，".join([*rest, first])


def _shortened(_rng: Random, text: str) -> str:
    return text.split("，")[0]


def _framed(rng: Random, text: str) -> str:
    return rng.choice(("复查发现：{}", "{}请尽快处理", "群众反映{}")).format(text)


def renamed(rng: Random, name: str, county: str, town: str) -> str:
    """A unit's name as somebody else writes it."""
    forms = (
        "{}有限公司",
        county + "{}",
        town + "{}",
        county + town + "{}有限责任公司",
        " {} ",
        "{}",
    )
    wide = name.translate({ord(c): ord(c) + 0xFEE0 for c in "0123456789"})
    return rng.choice(forms).format(rng.choice((name, wide)))


def beside(rng: Random, sector: str, category: str, text: str) -> str:
    """Another hazard of the same kind elsewhere in the same place."""
    while True:
        other = description(rng, sector, category)
        if not any(word in text and word in other for word in (*_AREAS, *_SPOTS)):
            return other


def colloquial(sector: str, category: str) -> str:
    return _CATEGORIES[sector][category][2]


def place_name(rng: Random, place_class: str, n: int) -> str:
    return f"{rng.choice(_BRANDS)}演示{rng.choice(_TRADES[place_class])}{n:04d}号"


def street(rng: Random) -> str:
    return f"{rng.choice(_STREETS)}{rng.randint(1, 299)}号"


def person(rng: Random) -> str:
    """Obviously nobody: 演示甲07."""
    return f"演示{rng.choice(_SURNAMES)}{rng.randint(1, 99):02d}"


def other_person(rng: Random, than: str) -> str:
    while (name := person(rng)) == than:
        pass
    return name
