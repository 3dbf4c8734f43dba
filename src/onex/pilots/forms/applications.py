"""What a school writes into an application."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.models import ModelChoiceIterator
from django.utils.translation import gettext_lazy as _

from onex.catalog.models import CertificateLevel
from onex.common import files
from onex.common.text import Refused, Say
from onex.pilots import queries
from onex.pilots.models import PilotApplication, PilotPlan
from onex.pilots.rules import problems_with_blanks
from onex.pilots.services import ApplicationInput
from onex.pilots.services.applications import MATERIAL_KINDS

MOST_REQUESTED = 100_000
MOST_MACHINES = 100_000
LONGEST_TEXT = 4_000
STALE = -1  # a revision that no row has: what came with the form was no number
# What one application may take over from another: everything but whom and how many it is for, and its files.
TEXTS = ("teaching_staff", "facilities", "machine_count")


class _ByCertificate(ModelChoiceIterator):
    """Levels under the name of their certificate."""

    def __iter__(self) -> Iterator[Any]:
        yield ("", self.field.empty_label)
        for certificate, levels in groupby(self.queryset, key=lambda level: level.certificate.name):
            yield (certificate, [self.choice(level) for level in levels])


class LevelField(forms.ModelChoiceField):
    iterator = _ByCertificate

    def label_from_instance(self, obj: Any) -> str:
        return str(obj.name)


class FilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files at once; each judged by its content."""

    widget = FilesInput

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        uploads = [one for one in (data if isinstance(data, list | tuple) else [data]) if one]
        for upload in uploads:
            try:
                files.check(upload, MATERIAL_KINDS)
            except Refused as refused:
                raise ValidationError([str(reason) for reason in refused.reasons]) from refused
        return uploads


def requested_count() -> forms.IntegerField:
    """申请培训总人数, as every form of an application asks it."""
    return forms.IntegerField(
        label=_("申请培训总人数"),
        min_value=1,
        max_value=MOST_REQUESTED,
        help_text=_("根据学校计划填写人数（参加考试人数）。"),
        error_messages={
            "min_value": _("申请培训总人数至少为 1"),
            "max_value": _("申请培训总人数过大，请核对"),
            "invalid": _("请填写整数"),
        },
    )


class ConditionsForm(forms.Form):
    """师资情况, 场地情况 and what proves them: what several levels of one sitting share."""

    use_required_attribute = False

    teaching_staff = forms.CharField(
        label=_("师资情况"),
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("拟参与试点专业的师资整体情况介绍。"),
    )
    facilities = forms.CharField(
        label=_("场地情况"),
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("主要为机房软硬件情况（包含机房数量、服务器、学生机、监控设备等）。"),
    )
    machine_count = forms.IntegerField(
        label=_("学生机台数"),
        required=False,
        min_value=0,
        max_value=MOST_MACHINES,
        help_text=_("选填。可用于培训和考试的学生机合计，审核时与申请人数对照。"),
        error_messages={
            "min_value": _("学生机台数不能小于 0"),
            "max_value": _("学生机台数过大，请核对"),
            "invalid": _("请填写整数"),
        },
    )
    materials = FilesField(
        label=_("其他佐证材料"),
        required=False,
        help_text=_("可上传学校 X 证书组织管理情况说明或省厅要求上传的其他佐证材料；若无可不填写。"),
    )
    never_empty: tuple[str, ...] = ()  # what even a draft needs

    def __init__(self, *args: Any, plan: PilotPlan, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.asked = list(plan.materials.all())
        for one in self.asked:
            self.fields[one.slot] = FilesField(label=one.name, required=one.is_required)

    def full_clean(self) -> None:
        # 必填 is shown from the start, but only asked for when the form is handed in: a draft keeps what there is.
        needed = {name: field.required for name, field in self.fields.items()}
        for name, field in self.fields.items():
            field.required = name in self.never_empty
        super().full_clean()
        for name, field in self.fields.items():
            field.required = needed[name]

    def uploads(self) -> dict[str, list[Any]]:
        """The files handed in, by their slot."""
        slots = [queries.MATERIAL, *(one.slot for one in self.asked)]
        names = ["materials", *(one.slot for one in self.asked)]
        return {slot: self.cleaned_data.get(name) or [] for slot, name in zip(slots, names, strict=True)}

    def show_problems(self, problems: dict[str, list[Say]]) -> None:
        """Put what the rules say beside the fields; a missing material beside its own slot."""
        slots = {one.name: one.slot for one in self.asked}
        for name, sentences in problems.items():
            if name in self.errors:
                continue
            for sentence in sentences:
                place = slots.get(str(sentence.args.get("name")), name) if name == "materials" else name
                self.add_error(place if place in self.fields else None, str(sentence))


class ApplicationForm(ConditionsForm):
    """申报证书试点, to the letter of the guide. A draft needs the certificate level only."""

    requested_count = requested_count()
    level = LevelField(
        label=_("试点证书"),
        queryset=queries.no_levels(),
        empty_label=_("请选择证书和级别"),
        help_text=_("选择证书名称和相应级别。"),
        error_messages={
            "required": _("请选择试点证书"),
            "invalid_choice": _("该证书不在本计划的开放证书范围内"),
        },
    )
    declared_majors = forms.MultipleChoiceField(
        label=_("拟申报专业"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "invalid_choice": _("专业代码 %(value)s 不是该证书这一等级的对应专业，或不在贵校的开设专业之列")
        },
    )
    revision = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)
    field_order = ("requested_count", "level", "declared_majors", "teaching_staff", "facilities", "machine_count")
    never_empty = ("level",)

    def __init__(
        self, *args: Any, plan: PilotPlan, school: Any, application: PilotApplication | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, plan=plan, **kwargs)
        self.plan, self.school, self.application = plan, school, application
        self.started: PilotApplication | None = None  # what the texts were taken from a moment ago, not kept yet
        levels: Any = self.fields["level"]
        levels.queryset = queries.levels_open_under(plan)
        if application is not None:  # the plan may have been changed since: what is kept stays, and is judged
            levels.queryset = queries.levels_open_under(plan, besides=application.level)
        asked = self.data.get("level") if self.is_bound else self.initial.get("level")
        self.chosen_level = _level_among(levels.queryset, asked)
        majors: Any = self.fields["declared_majors"]
        offered = queries.majors_to_choose(school, plan, self.chosen_level)
        majors.choices = [(major.code, str(major)) for major in offered]
        # One that was declared and is no longer mapped or offered is shown as such, never dropped in silence.
        self.lost_majors = (
            {} if application is None or self.chosen_level != application.level else _lost(application, majors)
        )
        majors.choices += [(code, f"{code} {name}") for code, name in self.lost_majors.items()]

    @property
    def chosen_majors(self) -> list[str]:
        """The codes ticked now, whatever becomes of them."""
        if self.is_bound:
            return list(dict.fromkeys(self.data.getlist("declared_majors")))  # type: ignore[attr-defined]
        return list(self.initial.get("declared_majors") or ())

    def values(self) -> ApplicationInput:
        """The clean input of the service."""
        given = self.cleaned_data
        return ApplicationInput(
            level=given["level"],
            requested_count=given["requested_count"] or 0,
            major_codes=given["declared_majors"],
            teaching_staff=given["teaching_staff"],
            facilities=given["facilities"],
            machine_count=given["machine_count"],
        )

    def values_so_far(self) -> ApplicationInput:
        """The same while somebody is still typing: a field that holds a mistake keeps what it had."""
        kept = self.application
        had = initial_of_application(kept) if kept is not None and kept.level == self.chosen_level else {}
        given: dict[str, Any] = {**had, **self.cleaned_data}
        return ApplicationInput(
            level=given["level"],
            requested_count=given.get("requested_count") or 0,
            major_codes=given.get("declared_majors") or (),
            teaching_staff=given.get("teaching_staff") or "",
            facilities=given.get("facilities") or "",
            machine_count=given.get("machine_count"),
        )

    def show_blanks(self) -> None:
        """Beside what keeps it from being kept, what would keep it from being handed in: one look is enough."""
        given = self.cleaned_data
        blanks = problems_with_blanks(
            given.get("requested_count") or 0, given.get("teaching_staff") or "", given.get("facilities") or ""
        )
        self.show_problems(blanks)

    def screen_revision(self) -> int | None:
        """The revision this screen was made of; None when the form came without one."""
        return revision_of(self.data.get("revision") or "")


def revision_of(text: str) -> int | None:
    """A revision as it comes with a form."""
    if not text:
        return None
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else STALE


def _lost(application: PilotApplication, majors: Any) -> dict[str, str]:
    offered = {code for code, _name in majors.choices}
    declared = application.declared_majors.values_list("code", "name")
    return {code: name for code, name in declared if code not in offered}


def _level_among(levels: Any, asked: Any) -> CertificateLevel | None:
    wanted = str(getattr(asked, "pk", asked) or "")
    return next((level for level in levels if str(level.pk) == wanted), None)


def initial_of_application(application: PilotApplication) -> dict[str, Any]:
    """A kept application as the form shows it."""
    return {
        "requested_count": application.requested_count or None,
        "level": application.level,
        "declared_majors": sorted(queries.allowed_major_codes(application) or ()),
        "teaching_staff": application.teaching_staff,
        "facilities": application.facilities,
        "machine_count": application.machine_count,
        "revision": str(application.revision),
    }


def initial_of_start(start: PilotApplication | None) -> dict[str, Any]:
    """What an earlier application gives a new one to begin with: its texts, and its majors to choose among again."""
    if start is None:
        return {}
    return {name: getattr(start, name) for name in TEXTS} | {
        "declared_majors": sorted(queries.allowed_major_codes(start) or ())
    }
