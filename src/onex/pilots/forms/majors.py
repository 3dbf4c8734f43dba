"""What an evaluation organisation writes when it changes the mapped majors of a level."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class DayInput(forms.DateInput):
    """A day, by the browser's own picker."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class MappingForm(forms.Form):
    """From which day, and why; both are judged by the rule that the service asks."""

    use_required_attribute = False
    day = forms.DateField(
        label=_("生效日期"),
        widget=DayInput(),
        input_formats=["%Y-%m-%d"],
        error_messages={"required": _("请填写生效日期"), "invalid": _("请填写真实的日期，例如 2026-09-01")},
    )
    note = forms.CharField(
        label=_("理由"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("记入办理记录，例如：教育部增补专业目录。"),
        error_messages={"required": _("请写明理由")},
    )


class PasteForm(forms.Form):
    """A list of codes, one in a line."""

    use_required_attribute = False
    pasted = forms.CharField(
        label=_("粘贴专业代码"),
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 6, "placeholder": "530701 电子商务\n530704"}),
        help_text=_("每行一个，代码后面的名称不会读取；可以从 Excel 复制。旧目录的代码按现行专业添加。"),
    )
