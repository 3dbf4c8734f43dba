"""Loading the guide: what is in the tables, that a second run changes nothing, and what a changed guide changes."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.apps import apps
from django.core.management import call_command
from django.core.management.base import CommandError

from onex.catalog import queries, rules, services
from onex.catalog.models import (
    CertificateLevel,
    GuideVersion,
    LevelMajor,
    ModuleWeight,
    SkillPoint,
    TrainingClassPlan,
    WorkTask,
)
from onex.catalog.services import loading as guide_loading
from onex.catalog.tests.factories import LOADED_AT, the_guide
from onex.common.models import Trace
from onex.common.text import Refused

pytestmark = pytest.mark.django_db
LATER = datetime(2025, 1, 5, tzinfo=UTC)
TEXTS = rules.texts_of("guide-2024")


def everything() -> dict[str, list[dict[str, object]]]:
    """Every row of every table of this app."""
    return {
        model.__name__: list(model.objects.order_by("pk").values())
        for model in apps.get_app_config("catalog").get_models()
    }


def changed(*edits: tuple[str, str, str], version: str = "guide-2024") -> rules.Guide:
    """The guide with texts replaced in its files."""
    texts = dict(TEXTS)
    for file, old, new in edits:
        assert old in texts[file]
        texts[file] = texts[file].replace(old, new)
    return rules.parse(texts)


def a_guide_of(year: int, *edits: tuple[str, str, str]) -> rules.Guide:
    """The same guide for another year, with its own versions of the schemes."""
    return changed(
        ("guide.yaml", "version: guide-2024", f"version: guide-{year}"),
        ("guide.yaml", "year: 2024", f"year: {year}"),
        ("calendar.yaml", "day: 2024-", f"day: {year}-"),
        ("assessment.yaml", "code: scheme-2024", f"code: scheme-{year}"),
        *edits,
    )


def test_the_first_load_fills_every_table_with_what_the_guide_counts() -> None:
    loaded = the_guide()
    assert loaded.added == {
        "GuideVersion": 1, "CertificateType": 2, "CertificateLevel": 6, "MajorCatalogue": 4, "Major": 71,
        "MajorSuccession": 25, "LevelMajor": 92,
        "WorkDomain": 19, "WorkTask": 60, "SkillPoint": 199, "AssessmentScheme": 12, "ModuleWeight": 38,
        "CalendarSitting": 14, "CalendarSlot": 28, "TrainingClassPlan": 14, "Textbook": 6, "KnowledgeUnit": 56,
        "RegionalContact": 12,
    }  # fmt: skip
    assert (loaded.changed, loaded.removed) == ({}, {})


def test_a_second_load_changes_not_one_value() -> None:
    first = the_guide()
    before = everything()
    again = services.load_guide("guide-2024", at=LATER)
    assert everything() == before
    assert not again.did_anything
    assert again.unchanged == first.added
    assert Trace.objects.count() == 1


def test_a_load_is_traced_with_what_it_did() -> None:
    the_guide()
    (trace,) = Trace.objects.all()
    assert (trace.verb, trace.subject_id, trace.at) == ("load", queries.guide_in_force().pk, LOADED_AT)
    assert trace.data["added"]["WorkTask"] == 60


def test_a_corrected_name_changes_its_row_and_nothing_else() -> None:
    the_guide()
    row = WorkTask.objects.get(name="脚本初稿编写")
    loaded = services.load(changed(("certificate-101.yaml", "脚本初稿编写", "脚本初稿编制")), at=LATER)
    assert (loaded.added, loaded.changed, loaded.removed) == ({}, {"GuideVersion": 1, "WorkTask": 1}, {})
    row.refresh_from_db()
    assert (row.name, row.name_as_printed) == ("脚本初稿编制", "脚本初稿编")
    assert queries.guide_in_force().loaded_at == LATER


def test_a_skill_point_that_the_guide_no_longer_has_goes() -> None:
    the_guide()
    fewer = changed(
        ("certificate-101.yaml", "灯光布置, ", ""), ("certificate-101.yaml", "skill_points: 104}", "skill_points: 103}")
    )
    loaded = services.load(fewer, at=LATER)
    assert loaded.removed == {"SkillPoint": 1}
    task = next(task for task in queries.tasks_of(queries.level_by_code("101", 1)) if task.code == "1.1")
    assert [point.name for point in task.skill_points.all()] == ["场地与背景选择", "摄录设备架设", "网络与推流检测"]


def test_a_task_that_is_in_use_is_not_taken_away() -> None:
    the_guide()
    loading = guide_loading._Loading(rules.guide(), LATER)
    loading.leftover = [WorkTask.objects.get(name="直播预热")]  # its skill points still hang on it
    with pytest.raises(Refused, match="已被使用"):
        loading.remove_leftover()


def test_a_newer_guide_sets_fees_and_the_older_one_does_not_set_them_back() -> None:
    the_guide()
    services.load(a_guide_of(2025, ("fees.yaml", "28000", "28500")), at=LATER)
    assert queries.level_by_code("101", 1).fee_fen == 28500
    again = services.load_guide("guide-2024", at=LATER)
    assert not again.did_anything
    assert queries.level_by_code("101", 1).fee_fen == 28500


def test_each_year_keeps_its_own_standard_scheme_and_calendar() -> None:
    the_guide()
    services.load(a_guide_of(2025, ("certificate-101.yaml", "name: 直播预热", "name: 直播预热与预约")), at=LATER)
    level = queries.level_by_code("101", 1)
    old = GuideVersion.objects.get(version="guide-2024")
    assert CertificateLevel.objects.count() == 6
    assert queries.guide_in_force().version == "guide-2025"
    assert "直播预热与预约" in [task.name for task in queries.tasks_of(level)]
    assert "直播预热" in [task.name for task in queries.tasks_of(level, old)]
    assert queries.scheme_in_force(level).code == "scheme-2025"
    assert {s.slots.all()[0].starts_at.year for s in queries.sittings_of(level.certificate, old)} == {2024}


def test_an_empty_list_of_skill_points_empties_the_table() -> None:
    import re

    the_guide()
    bare = {
        name: re.sub(r",? *skill_points: \[[^]]*\]", "", text) if name.startswith("certificate-") else text
        for name, text in TEXTS.items()
    }
    assert services.load(rules.parse(bare), at=LATER).removed == {"SkillPoint": 199}
    assert SkillPoint.objects.count() == 0


def test_drafts_are_marked_as_drafts() -> None:
    the_guide()
    assert not SkillPoint.objects.filter(is_draft=False).exists()
    assert not LevelMajor.objects.filter(is_draft=False).exists()


def test_weights_join_to_the_domain_of_the_code_whatever_name_the_table_prints() -> None:
    the_guide()
    weight = ModuleWeight.objects.filter(domain__level__certificate__code="101", domain__level__level=3).last()
    assert weight is not None
    assert (weight.name_as_printed, weight.domain.name_as_printed) == ("直播效果评估与优化", "直播效果评估优化")


def test_the_command_says_what_it_did_and_then_that_nothing_changed(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("loadguide")
    assert "工作任务 60" in capsys.readouterr().out
    call_command("loadguide")
    assert "没有变化" in capsys.readouterr().out
    call_command("loadguide", "--check")
    assert "没有问题" in capsys.readouterr().out


def test_the_command_fails_in_words_for_an_unknown_version() -> None:
    with pytest.raises(CommandError, match="guide-2024"):
        call_command("loadguide", "guide-1999")
    assert TrainingClassPlan.objects.count() == 0
