"""The trade's words that the guide is made of: levels, kinds of items and regions, and the times it is printed in."""

from __future__ import annotations

from datetime import timedelta, timezone
from enum import IntEnum, StrEnum

from onex.common.text import Say, say

# China has one time zone and no summer time; the guide prints local times.
BEIJING = timezone(timedelta(hours=8), "UTC+08:00")


class Level(IntEnum):
    """等级. The numbers are those of the national portal's interface (certificateGrade.code)."""

    JUNIOR = 1
    INTERMEDIATE = 2
    ADVANCED = 3

    @property
    def label(self) -> Say:
        return LEVEL_LABELS[self]


LEVEL_LABELS = {Level.JUNIOR: say("初级"), Level.INTERMEDIATE: say("中级"), Level.ADVANCED: say("高级")}


class ItemKind(StrEnum):
    """题型 of the theory part."""

    SINGLE = "single"
    MULTIPLE = "multiple"
    SCENARIO = "scenario"

    @property
    def label(self) -> Say:
        return ITEM_KIND_LABELS[self]


ITEM_KIND_LABELS = {
    ItemKind.SINGLE: say("单选题"),
    ItemKind.MULTIPLE: say("多选题"),
    ItemKind.SCENARIO: say("情景分析题"),
}


class RegionKind(StrEnum):
    """What sort of jurisdiction publishes pilot plans."""

    PROVINCE = "province"
    CORPS = "corps"
    SEPARATE_CITY = "separate_city"

    @property
    def label(self) -> Say:
        return REGION_KIND_LABELS[self]


REGION_KIND_LABELS = {
    RegionKind.PROVINCE: say("省、自治区、直辖市"),
    RegionKind.CORPS: say("新疆生产建设兵团"),
    RegionKind.SEPARATE_CITY: say("计划单列市"),
}


class Stage(StrEnum):
    """学历层次 of a major; the values are the words of the catalogues themselves."""

    SECONDARY = "中职"
    COLLEGE = "高职专科"
    VOCATIONAL_BACHELOR = "高职本科"
    BACHELOR = "普通本科"

    @property
    def label(self) -> Say:
        return STAGE_LABELS[self]


STAGE_LABELS = {
    Stage.SECONDARY: say("中职"),
    Stage.COLLEGE: say("高职专科"),
    Stage.VOCATIONAL_BACHELOR: say("高职本科"),
    Stage.BACHELOR: say("普通本科"),
}


class PassRuleKind(StrEnum):
    """How the two parts make a pass: each by itself, or a weighted total."""

    EACH_PART = "each_part"
    WEIGHTED = "weighted"


class ResitFee(StrEnum):
    """What a resit of one part costs: the whole fee of the level, or half of it per part."""

    FULL = "full"
    PER_PART = "per_part"


class Origin(StrEnum):
    """Where a figure or a name comes from."""

    GUIDE = "guide"
    ONEX = "onex"
