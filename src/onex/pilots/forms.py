"""What a province writes into a plan and a school into an application."""

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
from onex.pilots.rules import BATCHES
from onex.pilots.services import ApplicationInput, PlanInput
from onex.pilots.services.applications import MATERIAL_KINDS

YES_NO = [("yes", _("是")), ("no", _("否"))]


def _moment(label: Any, required: Any = "", help_text: Any = "") -> forms.DateTimeField:
    return forms.DateTimeField(
        label=label,
        required=bool(required),
        help_text=help_text,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local", "step": "60"}, format="%Y-%m-%dT%H:%M"),
        error_messages={"required": required, "invalid": _("请填写日期和时间，例如 2026-12-27 18:00")},
    )


def _choice(label: Any, choices: Any, help_text: Any = "") -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        label=label,
        choices=choices,
        coerce=lambda value: value in ("yes", "all"),
        widget=forms.RadioSelect,
        help_text=help_text,
        error_messages={"required": _("请选择")},
    )


class PlanForm(forms.Form):
    """证书申报计划, in the words of the guide's list."""

    use_required_attribute = False

    year = forms.IntegerField(label=_("申报年度"), min_value=2019, max_value=2100)
    batch = forms.TypedChoiceField(label=_("申报批次"), choices=list(BATCHES.items()), coerce=int)
    opens_at = _moment(_("申报开始时间"), _("请填写申报开始时间"))
    closes_at = _moment(_("申报结束时间"), _("请填写申报结束时间"), _("到时间后不能再申报，也不能补报。"))
    corrections_until = _moment(
        _("审核修改截止时间"), help_text=_("选填。申报结束后，被退回的申报在此之前仍可修改提交；不填则随申报一同结束。")
    )
    requires_majors = _choice(_("是否要求按专业填报"), YES_NO, _("选“是”时，院校须至少填写一个拟申报专业。"))
    requires_city_approval = _choice(
        _("是否要求地市级教育局审批"), YES_NO, _("选“是”时，先由院校所在地市审核，再报省级。")
    )
    all_certificates = _choice(_("开放证书范围"), [("all", _("全部")), ("some", _("指定证书"))])
    certificates = forms.ModelMultipleChoiceField(
        label=_("指定的证书"), queryset=queries.certificates(), required=False, widget=forms.CheckboxSelectMultiple
    )

    def values(self) -> PlanInput:
        """The clean input of the service."""
        return PlanInput(**self.cleaned_data)


def initial_of_plan(plan: PilotPlan) -> dict[str, Any]:
    """A draft as the form shows it."""
    kept = {name: getattr(plan, name) for name in ("year", "batch", "opens_at", "closes_at", "corrections_until")}
    for name in ("requires_majors", "requires_city_approval"):
        kept[name] = "yes" if getattr(plan, name) else "no"
    return kept | {
        "all_certificates": "all" if plan.all_certificates else "some",
        "certificates": list(plan.certificates.all()),
    }


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


class ApplicationForm(forms.Form):
    """申报证书试点, to the letter of the guide. A draft needs the certificate level only."""

    use_required_attribute = False

    requested_count = forms.IntegerField(
        label=_("申请培训总人数"),
        min_value=1,
        max_value=100_000,
        help_text=_("根据学校计划填写人数（参加考试人数）。"),
        error_messages={
            "min_value": _("申请培训总人数至少为 1"),
            "max_value": _("申请培训总人数过大，请核对"),
            "invalid": _("请填写整数"),
        },
    )
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
    teaching_staff = forms.CharField(
        label=_("师资情况"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("拟参与试点专业的师资整体情况介绍。"),
    )
    facilities = forms.CharField(
        label=_("场地情况"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("主要为机房软硬件情况（包含机房数量、服务器、学生机、监控设备等）。"),
    )
    materials = FilesField(
        label=_("其他佐证材料"),
        required=False,
        help_text=_("可上传学校 X 证书组织管理情况说明或省厅要求上传的其他佐证材料；若无可不填写。"),
    )

    def __init__(self, *args: Any, plan: PilotPlan, school: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        levels: Any = self.fields["level"]
        levels.queryset = queries.levels_open_under(plan)
        asked = self.data.get("level") if self.is_bound else self.initial.get("level")
        self.chosen_level = _level_among(levels.queryset, asked)
        majors: Any = self.fields["declared_majors"]
        offered = queries.majors_to_choose(school, plan, self.chosen_level)
        majors.choices = [(major.code, str(major)) for major in offered]

    def full_clean(self) -> None:
        # 必填 is shown from the start, but only asked for when the form is handed in: a draft keeps what there is.
        needed = {name: field.required for name, field in self.fields.items()}
        for name, field in self.fields.items():
            field.required = name == "level"
        super().full_clean()
        for name, field in self.fields.items():
            field.required = needed[name]

    def values(self) -> ApplicationInput:
        """The clean input of the service."""
        given = self.cleaned_data
        return ApplicationInput(
            level=given["level"],
            requested_count=given["requested_count"] or 0,
            major_codes=given["declared_majors"],
            teaching_staff=given["teaching_staff"],
            facilities=given["facilities"],
        )

    def show_problems(self, problems: dict[str, list[Say]]) -> None:
        """Put what the rules say beside the fields."""
        for name, sentences in problems.items():
            if name not in self.errors:
                self.add_error(name if name in self.fields else None, [str(sentence) for sentence in sentences])


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
    }
