"""What an employer types to verify a certificate."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from onex.common.captcha import CaptchaForm


class VerifyForm(CaptchaForm):
    """Number and name, both as they stand on the paper."""

    number = forms.CharField(
        label=_("证书编号"), max_length=40, help_text=_("以 X 开头，共 22 位，印在证书左下方的二维码旁。")
    )
    name = forms.CharField(label=_("持证人姓名"), max_length=30)
