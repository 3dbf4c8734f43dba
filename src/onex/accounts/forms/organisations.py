"""New organisations, and the facts a school keeps about itself."""

from __future__ import annotations

from collections.abc import Callable

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from onex.accounts import queries
from onex.accounts.forms.registration import ProvinceField
from onex.accounts.identifiers import (
    normalised,
    phone_as_meant,
    problems_with_email,
    problems_with_org_code,
    problems_with_phone,
)
from onex.common.text import Say


class EvaluationOrgForm(forms.Form):
    """培训评价组织: a tenant of its own."""

    use_required_attribute = False
    name = forms.CharField(label=_("机构名称"), max_length=100, help_text=_("与营业执照一致的全称。"))
    short_name = forms.CharField(label=_("简称"), max_length=40, required=False)
    org_code = forms.CharField(
        label=_("组织机构代码"), max_length=12, help_text=_("九位，最后一位是校验码；统一社会信用代码的第 9 至 17 位。")
    )

    def clean_org_code(self) -> str:
        code = normalised(self.cleaned_data["org_code"]).replace("-", "")
        if problems := problems_with_org_code(code):
            raise ValidationError([str(problem) for problem in problems])
        return code


class CityForm(forms.Form):
    """地市级教育局."""

    use_required_attribute = False
    province = ProvinceField(label=_("所属省份"), queryset=queries.provinces(), empty_label=_("请选择"))
    name = forms.CharField(label=_("城市名称"), max_length=30, help_text=_("例如“无锡市”。"))
    code = forms.CharField(label=_("行政区划代码"), max_length=6, help_text=_("六位数字。"))


class SchoolForm(forms.Form):
    """What a school changes about itself without asking."""

    use_required_attribute = False
    address = forms.CharField(label=_("地址"), max_length=200)
    contact_name = forms.CharField(label=_("联系人"), max_length=30)
    contact_phone = forms.CharField(label=_("联系电话"), max_length=20)
    contact_email = forms.EmailField(label=_("联系邮箱"))

    def clean_contact_phone(self) -> str:
        return self._reaches(phone_as_meant(self.cleaned_data["contact_phone"]), problems_with_phone)

    def clean_contact_email(self) -> str:
        return self._reaches(self.cleaned_data["contact_email"], problems_with_email)

    def _reaches(self, text: str, problems_with: Callable[[str], list[Say]]) -> str:
        # As strict as on registration: links and calls of the province go there.
        if problems := problems_with(text):
            raise ValidationError([str(problem) for problem in problems])
        return text


class DepartmentForm(forms.Form):
    use_required_attribute = False
    name = forms.CharField(
        label=_("院系名称"),
        max_length=60,
        error_messages={"required": _("请填写院系名称"), "max_length": _("院系名称最多 60 个字")},
    )
