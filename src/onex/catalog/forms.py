"""What people type about majors: a school its own list, an evaluation organisation the mapping."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from onex.accounts.models import School
from onex.accounts.queries import departments_of
from onex.catalog import queries
from onex.catalog.rules.school_majors import CODE, tidy


class OfferedMajorForm(forms.Form):
    """One major of a school."""

    use_required_attribute = False
    code = forms.CharField(
        label=_("专业代码"), max_length=12, help_text=_("以国家专业目录为准，例如 530701；旧目录的代码也认得。")
    )
    name = forms.CharField(
        label=_("专业名称"), max_length=60, required=False, help_text=_("目录中有的专业可不填，自动带出名称。")
    )
    department: Any = forms.ModelChoiceField(label=_("院系"), queryset=None, required=False, empty_label=_("不分院系"))

    def __init__(self, *args: Any, school: School, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["department"].queryset = departments_of(school)  # type: ignore[attr-defined]
        self.known: queries.KnownCode | None = None

    def clean_code(self) -> str:
        code = tidy(self.cleaned_data["code"]).upper()
        if not CODE.fullmatch(code):
            raise ValidationError(_("“%(code)s”不是专业代码（六位数字，本科可带 T 或 K）") % {"code": code})
        self.known = queries.known_code(code)
        return code

    def clean(self) -> None:
        self.cleaned_data["name"] = tidy(self.cleaned_data.get("name", ""))
        if "code" in self.cleaned_data and not self.cleaned_data["name"] and self.known is None:
            self.add_error("name", _("平台收录的目录中没有该代码，请填写专业名称"))


class MajorsFileForm(forms.Form):
    """An Excel file of majors."""

    file = forms.FileField(
        label=_("开设专业表"),
        help_text=_("请使用本页下载的模板，.xlsx 格式。"),
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx"}),
        error_messages={"required": _("请选择要导入的 Excel 文件"), "empty": _("这个文件是空的，请重新选择")},
    )
