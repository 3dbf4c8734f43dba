"""What a province writes on its list of approvals."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

SCOPES = [("new", _("只列以前名单之后新批准的")), ("all", _("列出该计划全部批准"))]


class ApprovalListForm(forms.Form):
    """文号, title and date; which approvals."""

    use_required_attribute = False

    document_no = forms.CharField(
        label=_("文号"),
        max_length=60,
        help_text=_("例如 苏教职函〔2026〕15号。名单制发后不能修改。"),
        error_messages={"required": _("请填写文号"), "max_length": _("文号最多 60 个字")},
    )
    title = forms.CharField(
        label=_("名单标题"),
        max_length=120,
        error_messages={"required": _("请填写标题"), "max_length": _("标题最多 120 个字")},
    )
    issued_on = forms.DateField(
        label=_("发文日期"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": _("请填写发文日期"), "invalid": _("请填写日期，例如 2026-12-27")},
    )
    scope = forms.ChoiceField(
        label=_("列入范围"), choices=SCOPES, widget=forms.RadioSelect, error_messages={"required": _("请选择")}
    )

    def values(self) -> dict[str, Any]:
        """The clean input of the service."""
        given = self.cleaned_data
        return {
            "document_no": given["document_no"],
            "title": given["title"],
            "issued_on": given["issued_on"],
            "only_new": given["scope"] == "new",
        }
