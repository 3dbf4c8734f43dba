"""What a school types when it registers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from itertools import groupby
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.models import ModelChoiceIterator
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from onex.accounts import queries, rules
from onex.accounts.identifiers import normalised, phone_as_meant
from onex.accounts.models import InstitutionRegistration
from onex.accounts.services import RegistrationInput, registrations
from onex.common import files
from onex.common.text import Refused


class _ByProvince(ModelChoiceIterator):
    """Cities under the name of their province."""

    def __iter__(self) -> Iterator[Any]:
        yield ("", self.field.empty_label)
        for province, cities in groupby(self.queryset, key=lambda city: city.province.region_name):
            yield (province, [self.choice(city) for city in cities])


class CityField(forms.ModelChoiceField):
    iterator = _ByProvince

    def label_from_instance(self, obj: Any) -> str:
        return str(obj.region_name)


class ProvinceField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return str(obj.region_name)


def _text(label: Any, length: int, help_text: Any = "") -> forms.CharField:
    return forms.CharField(label=label, max_length=length, help_text=help_text)


class RegistrationForm(forms.Form):
    """院校注册. A draft is kept as it is; what is missing is said, beside its field, when it is handed in."""

    use_required_attribute = False
    NEEDED_AT_ONCE = ("province", "name")

    province = ProvinceField(
        label=_("所属省份"),
        queryset=queries.provinces(),
        empty_label=_("请选择"),
        error_messages={"required": _("请选择所属省份")},
    )
    city = CityField(label=_("所属城市"), queryset=queries.cities(), empty_label=_("请选择"))
    name = forms.CharField(
        label=_("学校全称"),
        max_length=100,
        help_text=_("与公章一致的全称。"),
        error_messages={"required": _("请填写学校全称")},
    )
    school_type = forms.ChoiceField(
        label=_("学校类型"),
        choices=[("", _("请选择")), *((kind.value, rules.SCHOOL_TYPE_LABELS[kind]) for kind in rules.SchoolType)],
    )
    ownership = forms.ChoiceField(
        label=_("办学性质"),
        choices=[(kind.value, rules.OWNERSHIP_LABELS[kind]) for kind in rules.Ownership],
        widget=forms.RadioSelect,
        initial=rules.Ownership.PUBLIC.value,
    )
    school_code = _text(_("学校标识码"), 40, _("教育部统一编制的 10 位数字；技工院校没有的可不填。"))
    credit_code = _text(_("统一社会信用代码"), 60, _("18 位，见事业单位法人证书或营业执照。"))
    # Some cities have no districts.
    district = forms.CharField(label=_("所属区县"), max_length=30, required=False)
    address = _text(_("地址"), 200, _("街道和门牌号。"))
    legal_representative = _text(_("法定代表人"), 30)
    contact_name = _text(_("教务处联系人"), 30)
    contact_phone = _text(_("联系电话"), 20, _("手机号，或带区号的固定电话。"))
    contact_email = forms.EmailField(label=_("联系邮箱"))
    majors = forms.CharField(
        label=_("开设专业"),
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false"}),
        help_text=_("每行一个：专业代码、专业名称。可从 Excel 直接粘贴，例如“530701 电子商务”。"),
    )
    licence = forms.FileField(
        label=_("盖章申请表、办学许可证或法人证书"), help_text=_("扫描件，支持 .pdf .jpg .png，不超过 20 MB。")
    )
    username = _text(
        _("登录账号"), 40, _("4 到 40 位，以字母开头。审核通过后，激活链接会发到上面的邮箱，由您自己设置密码。")
    )

    def __init__(self, *args: Any, registration: InstitutionRegistration | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.registration = registration
        if registration is not None:
            self.knows(registration)

    def knows(self, registration: InstitutionRegistration) -> None:
        """A file that is kept already need not be given again; what the reviewer remarked stands beside its field."""
        self.registration = registration
        if queries.licences_of(registration).exists():
            self.fields["licence"].required = False
        for name, remark in queries.remarks_on(registration).items():
            if name in self.fields:
                words = format_html('<mark class="ox-remark">{}{}</mark>', _("审核意见："), remark)
                self.fields[name].help_text = format_html("{} {}", words, self.base_fields[name].help_text)

    def full_clean(self) -> None:
        # 必填 is shown from the start, but only asked for when the form is handed in: nothing typed is ever lost.
        needed = {name: self.fields[name].required for name in self.base_fields}
        for name in needed:
            self.fields[name].required = name in self.NEEDED_AT_ONCE
        super().full_clean()
        for name, is_needed in needed.items():
            self.fields[name].required = is_needed

    def clean_school_code(self) -> str:
        return self._short(normalised(self.cleaned_data["school_code"]), 10, _("学校标识码应为 10 位数字"))

    def clean_credit_code(self) -> str:
        return self._short(normalised(self.cleaned_data["credit_code"]), 18, _("统一社会信用代码为 18 位"))

    def _short(self, code: str, longest: int, sentence: Any) -> str:
        # Even a draft keeps no more than its column holds; everything else is judged when it is handed in.
        if len(code) > longest:
            raise ValidationError(sentence)
        return code

    def clean_contact_phone(self) -> str:
        return phone_as_meant(self.cleaned_data["contact_phone"])

    def clean_ownership(self) -> str:
        return self.cleaned_data["ownership"] or rules.Ownership.PUBLIC.value

    def clean_majors(self) -> list[tuple[str, str]]:
        rows, problems = rules.parse_majors(self.cleaned_data["majors"])
        if problems:
            raise ValidationError([str(problem) for problem in problems])
        return rows

    def clean_name(self) -> str:
        # As on the seal: a blank that slipped in makes no other school.
        return "".join(self.cleaned_data["name"].split())

    def clean_licence(self) -> Any:
        upload = self.cleaned_data["licence"]
        if upload:
            try:
                files.check(upload, registrations.LICENCE_KINDS)
            except Refused as refused:
                raise ValidationError([str(reason) for reason in refused.reasons]) from refused
        return upload

    @property
    def may_be_kept(self) -> bool:
        """Whether a draft can be made of it: the school and its province are right."""
        return all(name in self.cleaned_data for name in self.NEEDED_AT_ONCE)

    def values(self) -> RegistrationInput:
        """The clean input of the service; where a field is wrong, what was kept before (or nothing) stands."""
        given = initial_of(self.registration) if self.registration is not None else {}
        given |= self.cleaned_data
        if self.registration is not None and "majors" in self.errors:
            given["majors"] = [(major["code"], major["name"]) for major in self.registration.majors]
        return RegistrationInput(**{name: given[name] for name in KEPT if name in given})

    def show_missing(self) -> None:
        """Say everything that handing in would ask for, where not even a draft can be kept yet: one round, not two."""
        for name, field in self.fields.items():
            # A school of its kind may have no identifier: only the rules know.
            if field.required and name != "school_code" and name not in self.errors and not self.cleaned_data.get(name):
                self.add_error(name, field.error_messages["required"])

    def show_problems(self, registration: InstitutionRegistration) -> None:
        """Put what the rules say beside the fields."""
        facts = registrations.registration_facts(registration)
        for name, problems in rules.problems_by_field(facts).items():
            if name not in self.errors:
                self.add_error(name, [str(problem) for problem in problems])


KEPT = tuple(one.name for one in fields(RegistrationInput))


def initial_of(registration: InstitutionRegistration) -> dict[str, Any]:
    """A kept registration as the form shows it."""
    kept = {name: getattr(registration, name) for name in KEPT}
    majors = "\n".join(f"{major['code']} {major['name']}" for major in registration.majors)
    return {**kept, "majors": majors}
