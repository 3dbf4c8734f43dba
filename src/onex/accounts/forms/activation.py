"""What somebody types who activates an account."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


class ActivationForm(forms.Form):
    """A password, twice; how strong it must be is the service's say."""

    new = forms.CharField(
        label=_("登录密码"), max_length=128, strip=False, widget=forms.PasswordInput,
        help_text=_("至少 8 位，不能全是数字或过于常见。"),
    )  # fmt: skip
    again = forms.CharField(label=_("确认密码"), max_length=128, strip=False, widget=forms.PasswordInput)

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        if "new" in given and "again" in given and given["new"] != given["again"]:
            self.add_error("again", _("两次输入的密码不一致"))
        return given
