"""What the guide says and means, without a database: structs, loader with line marks, checks, the pass rule."""

from onex.catalog.rules.guide import Guide, Province
from onex.catalog.rules.loading import LATEST, digest_of, guide, parse, provinces, texts_of, versions
from onex.catalog.rules.majors import EditFacts, Recognition, is_mapped_on, problems_on_edit
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
    "EditFacts",
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
    "Recognition",
    "RegionKind",
    "ResitFee",
    "Stage",
    "as_json",
    "digest_of",
    "guide",
    "is_mapped_on",
    "kept",
    "parse",
    "passes",
    "problems_on_edit",
    "problems_on_passing",
    "provinces",
    "texts_of",
    "versions",
]
