"""What the guide says and means, without a database: structs, loader with line marks, checks, the pass rule."""

from onex.catalog.rules.guide import Guide, Province
from onex.catalog.rules.loading import LATEST, digest_of, guide, parse, provinces, texts_of, versions
from onex.catalog.rules.passing import PassRule, kept, passes, problems_on_passing
from onex.catalog.rules.reading import GuideError, Mark, Printed, Problem, as_json
from onex.catalog.rules.words import (
    BEIJING,
    ITEM_KIND_LABELS,
    LEVEL_LABELS,
    ItemKind,
    Level,
    Origin,
    PassRuleKind,
    RegionKind,
    ResitFee,
    Stage,
)

__all__ = [
    "BEIJING",
    "ITEM_KIND_LABELS",
    "LATEST",
    "LEVEL_LABELS",
    "Guide",
    "GuideError",
    "ItemKind",
    "Level",
    "Mark",
    "Origin",
    "PassRule",
    "PassRuleKind",
    "Printed",
    "Problem",
    "Province",
    "RegionKind",
    "ResitFee",
    "Stage",
    "as_json",
    "digest_of",
    "guide",
    "kept",
    "parse",
    "passes",
    "problems_on_passing",
    "provinces",
    "texts_of",
    "versions",
]
