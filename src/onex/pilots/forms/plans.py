"""What a province writes into a plan."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from onex.pilots import queries
from onex.pilots.models import PilotPlan
from onex.pilots.rules import BATCHES
from onex.pilots.services import PlanInput
from onex.pilots.services.plans import PLAIN, input_of

MOST_PLACES = 10_000_000
LONGEST_MATERIAL = 60  # characters, as the column has it
WHOLE_NUMBER = {
    "invalid": _("请填写整数"),
    "min_value": _("至少为 1；不限请留空"),
    "max_value": _("数字过大，请核对"),
}
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


class _Reason(forms.CharField):
    """Shown as required; that it is there the rules judge, together with all else that is wrong with a change."""

    def validate(self, value: Any) -> None:
        pass


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
    reviews_until = _moment(_("审核截止时间"), help_text=_("选填。到期前提醒审核人员；不影响院校申报。"))
    total = forms.IntegerField(
        label=_("全部证书的名额总量"),
        required=False,
        min_value=1,
        max_value=MOST_PLACES,
        help_text=_("选填。批准人数的总和不能超过；不填则不限。"),
        error_messages=WHOLE_NUMBER,
    )
    materials_required = forms.CharField(
        label=_("必须上传的材料"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("每行一种，例如：学校 X 证书组织管理情况说明。缺少时院校不能提交。"),
    )
    materials_optional = forms.CharField(
        label=_("可以上传的材料"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("每行一种。"),
    )
    notes = forms.CharField(
        label=_("填报说明"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("显示在院校的申报表上方。"),
    )
    revision = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, is_published: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.shared = list(queries.certificates())
        for certificate in self.shared:
            self.fields[f"total_{certificate.pk.hex}"] = forms.IntegerField(
                label=certificate.name,
                required=False,
                min_value=1,
                max_value=MOST_PLACES,
                error_messages=WHOLE_NUMBER,
            )
        if is_published:
            self.fields["reason"] = _Reason(label=_("修改原因"), max_length=200, help_text=_("院校会看到。"))

    @property
    def totals(self) -> list[forms.BoundField]:
        """The totals of single certificates, in the catalogue's order."""
        return [self[f"total_{certificate.pk.hex}"] for certificate in self.shared]

    def clean_materials_required(self) -> list[str]:
        return self._names("materials_required")

    def clean_materials_optional(self) -> list[str]:
        return self._names("materials_optional")

    def _names(self, field: str) -> list[str]:
        names = [line.strip() for line in self.cleaned_data[field].splitlines() if line.strip()]
        long = [name for name in names if len(name) > LONGEST_MATERIAL]
        if long:
            raise ValidationError(
                _("材料名称不能超过 %(n)s 个字：%(name)s…") % {"n": LONGEST_MATERIAL, "name": long[0][:20]}
            )
        return names

    def values(self) -> PlanInput:
        """The clean input of the service."""
        given = self.cleaned_data
        totals: dict[Any, int] = {None: given["total"]} if given["total"] else {}
        for certificate in self.shared:
            if n := given[f"total_{certificate.pk.hex}"]:
                totals[certificate] = n
        materials = [(name, True) for name in given["materials_required"]]
        materials += [(name, False) for name in given["materials_optional"]]
        return PlanInput(
            **{name: given[name] for name in PLAIN},
            certificates=list(given["certificates"]),
            totals=totals,
            materials=materials,
            revision=given["revision"],
        )


def initial_of_plan(plan: PilotPlan) -> dict[str, Any]:
    """A plan as the form shows it."""
    was = input_of(plan)
    kept: dict[str, Any] = {name: getattr(was, name) for name in PLAIN}
    for name in ("requires_majors", "requires_city_approval"):
        kept[name] = "yes" if kept[name] else "no"
    for certificate, total in was.totals.items():
        kept[f"total_{certificate.pk.hex}" if certificate else "total"] = total
    return kept | {
        "all_certificates": "all" if was.all_certificates else "some",
        "certificates": list(was.certificates),
        "materials_required": "\n".join(name for name, required in was.materials if required),
        "materials_optional": "\n".join(name for name, required in was.materials if not required),
        "revision": was.revision,
    }
