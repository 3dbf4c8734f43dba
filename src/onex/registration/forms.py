"""What people type in registration: a sitting, a roster file, who is entered where."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from django import forms
from django.utils.timezone import get_current_timezone, localtime
from django.utils.translation import gettext_lazy as _

from onex.accounts.identifiers import phone_as_meant
from onex.accounts.models import EvaluationOrg, School
from onex.accounts.rules import is_mobile
from onex.common.text import say
from onex.registration import queries, services
from onex.registration.models import ExamPlan, ExamPlanLevel
from onex.registration.rules.merging import Ticks
from onex.registration.rules.plans import Window
from onex.registration.rules.students import Relation
from onex.registration.services import PlanInput

MINUTE = "%Y-%m-%dT%H:%M"  # what a datetime-local field sends and wants


class MomentInput(forms.DateTimeInput):
    """A day and a minute, by the browser's own picker."""

    input_type = "datetime-local"

    def __init__(self) -> None:
        super().__init__(format=MINUTE)


def moment_field(label: Any) -> forms.DateTimeField:
    return forms.DateTimeField(
        label=label, widget=MomentInput(), input_formats=[MINUTE, "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"]
    )


class PlanForm(forms.Form):
    """A sitting but for its slots."""

    year = forms.IntegerField(label=_("年度"), min_value=2020, max_value=2100)
    number = forms.IntegerField(label=_("统考次序"), min_value=1, max_value=99, help_text=_("本年度第几次统考"))
    title = forms.CharField(label=_("统考名称"), max_length=80)
    scheme_label = forms.ChoiceField(
        label=_("考核方案"), required=False, help_text=_("“演示”方案时间较短，仅用于演示和培训")
    )
    levels: Any = forms.ModelMultipleChoiceField(
        label=_("证书等级"), queryset=queries.no_levels(), widget=forms.CheckboxSelectMultiple
    )
    registration_opens_at = moment_field(_("报名开始时间"))
    registration_closes_at = moment_field(_("报名截止时间"))

    def __init__(self, *args: Any, organisation: EvaluationOrg, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["levels"].queryset = queries.levels_issued_by(organisation)
        labels = queries.scheme_labels()
        fields["scheme_label"].choices = [(label, label or _("正式")) for label in labels] or [("", _("正式"))]

    def plan_input(self, slots: list[Window]) -> PlanInput:
        given = self.cleaned_data
        return PlanInput(
            year=given["year"],
            number=given["number"],
            title=given["title"],
            slots=slots,
            levels=list(given["levels"]),
            registration=Window(given["registration_opens_at"], given["registration_closes_at"]),
            scheme_label=given["scheme_label"],
        )

    @classmethod
    def words_of(cls, plan: ExamPlan) -> dict[str, Any]:
        """A plan as this form shows it."""
        rows = list(plan.levels.all())
        return {
            "year": plan.year,
            "number": plan.number,
            "title": plan.title,
            "scheme_label": plan.scheme_label,
            "levels": [row.level_id for row in rows],
            "registration_opens_at": rows[0].registration_opens_at if rows else None,
            "registration_closes_at": rows[0].registration_closes_at if rows else None,
        }


class SlotForm(forms.Form):
    """One half day; a row without any time is no slot."""

    starts_at = moment_field(_("开始时间"))
    ends_at = moment_field(_("结束时间"))

    @property
    def window(self) -> Window:
        return Window(self.cleaned_data["starts_at"], self.cleaned_data["ends_at"])


class SlotTable:
    """The rows `slot-<n>-starts_at`, `slot-<n>-ends_at`, as many as the page sends."""

    def __init__(self, data: Any = None, slots: tuple[Window, ...] = (), blank: int = 1) -> None:
        if data is not None:
            numbers = sorted({int(m[1]) for key in data if (m := re.fullmatch(r"slot-(\d{1,2})-starts_at", key))})
            self.forms = [SlotForm(data, prefix=f"slot-{n}") for n in numbers]
        else:
            rows: list[Any] = [vars(slot) for slot in slots] + [None] * (blank if slots else 2)
            self.forms = [SlotForm(initial=row, prefix=f"slot-{n}") for n, row in enumerate(rows)]
        self.slots: list[Window] = []

    def _is_empty(self, form: SlotForm) -> bool:
        return not any(str(form.data.get(form.add_prefix(name), "")).strip() for name in ("starts_at", "ends_at"))

    def is_valid(self) -> bool:
        filled = [form for form in self.forms if not self._is_empty(form)]
        wrong = [form for form in filled if not form.is_valid()]  # every row shall show its mistakes
        self.slots = [] if wrong else [form.window for form in filled]
        return not wrong

    @property
    def rows(self) -> list[dict[str, Any]]:
        return [
            {"form": form, "is_wrong": form.is_bound and not self._is_empty(form) and bool(form.errors)}
            for form in self.forms
        ]


class RosterForm(forms.Form):
    """An Excel file."""

    file = forms.FileField(
        label=_("学生名单"),
        help_text=_("请使用本页下载的模板，.xlsx 格式，不超过 5 MB"),
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx"}),
        error_messages={"required": _("请选择要导入的 Excel 文件"), "empty": _("这个文件是空的，请重新选择")},
    )


def ticks_in(given: Any) -> Ticks:
    """What a registrar ticked on a preview, without what is no tick: `column=phone`, `cell=12:phone`."""
    cells = (re.fullmatch(r"([0-9]{1,7}):([a-z_]{1,20})", text) for text in given.getlist("cell"))
    return Ticks(
        columns=frozenset(given.getlist("column")),
        cells=frozenset((int(one[1]), one[2]) for one in cells if one is not None),
        seen=given.get("seen", ""),
    )


class SlipForm(forms.Form):
    """What stands on a slip."""

    code = forms.CharField(label=_("激活码"), max_length=40, help_text=_("激活单上的 12 位字母和数字，不分大小写"))
    name = forms.CharField(label=_("姓名"), max_length=40, help_text=_("与身份证一致"))


_GUARDIANS = ("guardian_name", "guardian_relation", "guardian_phone", "guardian_agrees")


class ConfirmForm(forms.Form):
    """A student's password and consent; under 14 a guardian's as well. Who has an account gives its password."""

    password = forms.CharField(
        label=_("设置密码"),
        max_length=128,
        strip=False,
        widget=forms.PasswordInput,
        help_text=_("至少 8 位，不要只用数字"),
    )
    password_again = forms.CharField(label=_("再输入一次"), max_length=128, strip=False, widget=forms.PasswordInput)
    guardian_name = forms.CharField(label=_("监护人姓名"), max_length=30)
    guardian_relation = forms.ChoiceField(label=_("与学生的关系"), choices=[(one.value, one.label) for one in Relation])
    guardian_phone = forms.CharField(
        label=_("监护人手机号"), max_length=20, help_text=_("用于核实监护人同意，加密保存")
    )
    guardian_agrees = forms.BooleanField(
        label=_("我是该生的监护人，已阅读上述告知书，同意处理该生的个人信息"),
        error_messages={"required": _("未满 14 周岁，需要监护人同意")},
    )
    is_mine = forms.BooleanField(
        label=_("以上信息与我本人一致"),
        error_messages={"required": _("请核对信息并勾选；信息有误时不要激活，请联系班主任")},
    )
    agrees = forms.BooleanField(
        label=_("我已阅读上述告知书，同意处理我的个人信息"), error_messages={"required": _("不同意则不能开通账号")}
    )
    agrees_sensitive = forms.BooleanField(
        label=_("我单独同意处理我的身份证号和证件照"),
        error_messages={"required": _("身份证号和证件照需要单独同意")},
    )

    def __init__(
        self, data: Any = None, *, with_guardian: bool, has_account: bool, is_new_password: bool = False
    ) -> None:
        super().__init__(data)
        unasked: tuple[str, ...] = () if with_guardian else _GUARDIANS
        if is_new_password:  # everything else was agreed when the account was opened
            unasked = (*_GUARDIANS, "is_mine", "agrees", "agrees_sensitive")
            self.fields["password"].label = _("设置新密码")
        for name in unasked:
            del self.fields[name]
        if has_account:
            del self.fields["password_again"]
            self.fields["password"].label = _("已有账号的密码")
            self.fields["password"].help_text = ""

    def clean_guardian_phone(self) -> str:
        phone = phone_as_meant(self.cleaned_data["guardian_phone"])
        if not is_mobile(phone):
            raise forms.ValidationError(_("手机号应为 11 位，以 1 开头"))
        return phone

    def clean_password_again(self) -> str:
        again = str(self.cleaned_data["password_again"])
        if again != self.cleaned_data.get("password"):
            raise forms.ValidationError(_("两次输入的密码不一致"))
        return again

    def guardian(self) -> services.Guardian | None:
        """Who consents for the student; None when nobody has to."""
        if "guardian_name" not in self.fields:
            return None
        given = self.cleaned_data
        return services.Guardian(
            given["guardian_name"].strip(), Relation(given["guardian_relation"]), given["guardian_phone"]
        )


class PhotoForm(forms.Form):
    """A photo for papers."""

    photo = forms.FileField(
        label=_("证件照"),
        help_text=_("白底免冠近照，JPG 或 PNG，不小于 295×413 像素，建议 40–200 KB"),
        widget=forms.ClearableFileInput(attrs={"accept": ".jpg,.jpeg,.png"}),
        error_messages={"required": _("请选择照片"), "empty": _("这个文件是空的，请重新选择")},
    )


class PhotoZipForm(forms.Form):
    """Photos of many students."""

    archive = forms.FileField(
        label=_("照片压缩包"),
        help_text=_("一个 .zip，不超过 20 MB、500 张；照片命名为“姓名_身份证号”、学号或身份证号，JPG 或 PNG"),
        widget=forms.ClearableFileInput(attrs={"accept": ".zip"}),
        error_messages={"required": _("请选择压缩包"), "empty": _("这个文件是空的，请重新选择")},
    )


class OfferForm(forms.Form):
    """Which level of which sitting, at which site, in which slot."""

    plan_level: Any = forms.ModelChoiceField(
        label=_("统考与证书等级"), queryset=queries.no_plan_levels(), empty_label=_("请选择")
    )
    site: Any = forms.ModelChoiceField(label=_("考核站点"), queryset=queries.no_sites(), empty_label=_("请选择"))
    slot: Any = forms.ModelChoiceField(
        label=_("考试时段"), queryset=queries.no_slots(), required=False, empty_label=_("由培训评价组织统一编排")
    )

    def __init__(self, data: Any, *, school: School, levels: Any) -> None:
        super().__init__(data)
        fields: dict[str, Any] = self.fields
        fields["plan_level"].queryset = levels
        chosen = self._chosen(levels)
        if chosen is not None:
            fields["site"].queryset = queries.sites_for(school, chosen)
            fields["slot"].queryset = chosen.plan.slots.all()
        self.chosen = chosen

    def _chosen(self, levels: Any) -> ExamPlanLevel | None:
        try:
            found: ExamPlanLevel | None = levels.filter(pk=self.data.get("plan_level") or None).first()
        except (forms.ValidationError, ValueError):
            return None
        return found


def local_minute(at: datetime) -> str:
    """A moment as a datetime-local field takes it."""
    return localtime(at, get_current_timezone()).strftime(MINUTE)


PLEASE_CHOOSE = say("请先选择统考、证书等级和考核站点")
