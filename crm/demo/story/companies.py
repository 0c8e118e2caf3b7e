"""Names of the demo's customers and of their people. All invented."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field

import numpy as np

from accounts import names

# What everybody in the company chooses from is named in both languages, as such a company does.
_CONTROLS = "工业控制 Industrial controls"
_MEDICAL = "医疗器械 Medical devices"
_AUTOMOTIVE = "汽车电子 Automotive electronics"
_TELECOM = "通信设备 Telecom equipment"
_APPLIANCES = "消费电器 Consumer appliances"
_ENERGY = "轨道交通与能源 Rail and energy"
PRODUCT_LINES = (
    "线路板组装 PCB assembly",
    "整机装配 Box build",
    "线束 Cable harness",
    "测试服务 Test service",
    "样机试制 Prototypes",
)
CHANNELS = ("直销 Direct", "代理 Agent", "展会 Trade fair")

_CITIES = (
    ("苏州", "Suzhou"),
    ("深圳", "Shenzhen"),
    ("上海", "Shanghai"),
    ("宁波", "Ningbo"),
    ("东莞", "Dongguan"),
    ("无锡", "Wuxi"),
    ("成都", "Chengdu"),
    ("厦门", "Xiamen"),
)
_WORDS = (
    "恒远",
    "启明",
    "华芯",
    "瑞达",
    "博锐",
    "天衡",
    "联创",
    "金峰",
    "海川",
    "力合",
    "中科远",
    "单氏",
    "长青",
)
# What a company calls itself, and the industries that fit it.
_TRADES = {
    "电子": (_APPLIANCES, _TELECOM),
    "仪器": (_CONTROLS, _MEDICAL, _ENERGY),
    "自动化": (_CONTROLS, _ENERGY),
    "医疗科技": (_MEDICAL,),
    "汽车电子": (_AUTOMOTIVE,),
    "通信设备": (_TELECOM,),
}
_STEMS = (
    "Nordlicht Tamsen Halvorsen Brightwater Calder Meridian Ostrava Keswick Lindqvist Arden Pemberton "
    "Rosario Vantage Harrow Delmar Fenwick Solano Quillon Trask Umbria Wexford Yarrow Zephyr Bellamy "
    "Corbin"
).split()
_KINDS = {
    "Controls": (_CONTROLS, _ENERGY),
    "Medical": (_MEDICAL,),
    "Pumps": (_APPLIANCES, _ENERGY),
    "Robotics": (_CONTROLS, _APPLIANCES),
    "Instruments": (_CONTROLS, _MEDICAL, _TELECOM),
    "Mobility": (_AUTOMOTIVE, _ENERGY),
}
_FOREIGN_REGIONS = (
    "德国 Germany",
    "丹麦 Denmark",
    "英国 United Kingdom",
    "美国 United States",
    "荷兰 Netherlands",
)

_SURNAMES = "王 李 张 刘 陈 杨 黄 赵 周 吴 徐 孙 马 朱 胡 郭 何 林 单 曾".split()
_GIVEN = "伟 芳 敏 静 丽 强 磊 洋 勇 艳 杰 娟 涛 明 超 秀英 建国 志强 晓东 雪梅".split()
_FIRST = "Anna Jonas Maria Peter Laura Martin Sofia David Emma Lukas Clara Henrik Julia Thomas Nina".split()
_LAST = "Berg Keller Jensen Walsh Novak Fischer Larsen Hughes Moreau Vogel Carter Visser Lund Price".split()


@dataclass(frozen=True)
class Company:
    short_name: str
    legal_name: str
    region: str
    is_chinese: bool
    industries: tuple[str, ...]
    """Those that fit his name."""


def companies(count: int, random: np.random.Generator) -> list[Company]:
    """``count`` different companies, half of them Chinese."""
    chinese = [
        Company(f"{city}{word}{trade}", f"{city}{word}{trade}股份有限公司", f"{city} {region}", True, fitting)
        for city, region in _CITIES
        for word in _WORDS
        for trade, fitting in _TRADES.items()
    ]
    foreign = [
        Company(f"{stem} {kind}", f"{stem} {kind} {ending}", region, False, fitting)
        for stem, ending, region in zip(
            _STEMS, ("GmbH", "A/S", "Ltd", "Inc.", "B.V.") * 5, _FOREIGN_REGIONS * 5, strict=True
        )
        for kind, fitting in _KINDS.items()
    ]
    half = count // 2
    picked = [chinese[i] for i in random.permutation(len(chinese))[:half]]
    picked += [foreign[i] for i in random.permutation(len(foreign))[: count - half]]
    return [picked[i] for i in random.permutation(count)]


def in_his_language(name: str, *, is_chinese: bool) -> str:
    """One half of a name that stands here in Chinese and in English."""
    chinese, _space, english = name.partition(" ")
    return chinese if is_chinese else english


def person_name(taken: Collection[str], *, is_chinese: bool, random: np.random.Generator) -> str:
    """A name that fits the company's country and is not taken: a namesake gets the next given name."""
    if is_chinese:
        family, given, pattern = str(random.choice(_SURNAMES)), str(random.choice(_GIVEN)), "{family}{given}"
        every = _GIVEN
    else:
        given, family, pattern = str(random.choice(_FIRST)), str(random.choice(_LAST)), "{given} {family}"
        every = _FIRST
    first = every.index(given)
    named = (pattern.format(family=family, given=each) for each in every[first:] + every[:first])
    return next(name for name in named if name not in taken)


@dataclass
class AddressBook:
    """Names and e-mail addresses of a company's people, each given once."""

    company: Company
    given: Counter[str] = field(default_factory=Counter)
    people: set[str] = field(default_factory=set)

    def person(self, random: np.random.Generator) -> str:
        name = person_name(self.people, is_chinese=self.company.is_chinese, random=random)
        self.people.add(name)
        return name

    def address(self, name: str) -> str:
        """Like anna.berg@nordlicht-pumps.example; a namesake gets a number."""
        first, *rest = names.sort_key(name).split()
        mailbox = ".".join(part for part in (first, "".join(rest)) if part)
        self.given[mailbox] += 1
        number = self.given[mailbox] if self.given[mailbox] > 1 else ""
        return f"{mailbox}{number}@{self._domain}"

    @property
    def _domain(self) -> str:
        """Chinese names are a city of two characters and what follows."""
        parts = names.sort_key(self.company.short_name).split()
        if self.company.is_chinese:
            parts = ["".join(parts[:2]), "".join(parts[2:])]
        return "-".join(parts) + ".example"
