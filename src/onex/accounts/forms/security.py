"""What people type about their second factor."""

from __future__ import annotations

import json
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

_CODE = {"inputmode": "numeric", "autocomplete": "one-time-code", "spellcheck": "false"}
_AGAIN = _("浏览器没有给出通行密钥，请再试一次。")


class CodeForm(forms.Form):
    """The six digits of an authenticator app."""

    use_required_attribute = False
    code = forms.CharField(
        label=_("6 位动态口令"),
        max_length=20,
        widget=forms.TextInput(attrs=_CODE),
        error_messages={"required": _("请输入验证器应用上显示的 6 位数字")},
    )


class RecoveryForm(forms.Form):
    """One of the ten codes on paper."""

    use_required_attribute = False
    recovery = forms.CharField(
        label=_("恢复代码"),
        max_length=30,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
        error_messages={"required": _("请输入一个未用过的恢复代码")},
    )


class PasswordForm(forms.Form):
    """The password once more."""

    use_required_attribute = False
    password = forms.CharField(
        label=_("密码"),
        max_length=128,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        error_messages={"required": _("请输入密码")},
    )


def _name(example: Any) -> forms.CharField:
    return forms.CharField(label=_("名称"), max_length=40, required=False, help_text=example)


class TotpForm(CodeForm):
    """A new authenticator app: its first code and what its owner calls it."""

    name = _name(_("方便自己辨认，例如“工作手机”。可不填。"))
    field_order = ("code", "name")


class CredentialForm(forms.Form):
    """What the browser answers about a passkey; written by the page's script."""

    credential = forms.CharField(widget=forms.HiddenInput, max_length=20_000, error_messages={"required": _AGAIN})

    def clean_credential(self) -> dict[str, Any]:
        try:
            found = json.loads(self.cleaned_data["credential"])
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise ValidationError(_AGAIN)
        return found


class PasskeyForm(CredentialForm):
    """A new passkey and what its owner calls it."""

    name = _name(_("方便自己辨认，例如“办公室电脑”。可不填。"))
