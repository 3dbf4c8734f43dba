"""What people type at the door."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

_LONGEST_PASSWORD = 128  # hashing longer ones only costs time


class SignInForm(forms.Form):
    """账号 and 密码, in the guide's words."""

    username = forms.CharField(label=_("账号"), max_length=40, required=False)
    password = forms.CharField(
        label=_("密码"), max_length=_LONGEST_PASSWORD, required=False, strip=False, widget=forms.PasswordInput
    )

    def clean_username(self) -> str:
        return _given(self.cleaned_data["username"], _("请输入账号"))

    def clean_password(self) -> str:
        return _given(self.cleaned_data["password"], _("请输入密码"))


def _given(text: str, sentence: Any) -> str:
    # Not `required`: two fields need no 必填 beside them.
    if not text:
        raise ValidationError(sentence)
    return text
