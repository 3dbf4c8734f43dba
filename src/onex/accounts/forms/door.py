"""What people type to come in, to get back in, and to get an account of their own."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from onex.accounts import queries, rules
from onex.accounts.identifiers import phone_as_meant
from onex.accounts.models import User
from onex.accounts.services.passwords import password_help, refuse_password, refuse_weak
from onex.common.captcha import CaptchaForm
from onex.common.text import Refused


def _given(text: str, sentence: Any) -> str:
    # Not `required`: fields that are all needed carry no 必填 beside them.
    if not text:
        raise ValidationError(sentence)
    return text


def _account() -> forms.CharField:
    return forms.CharField(label=_("账号"), max_length=40, required=False)


def _password(label: Any) -> forms.CharField:
    # Never shortened and never stripped: what is typed or pasted is the password.
    return forms.CharField(
        label=label, max_length=rules.LONGEST, required=False, strip=False, widget=forms.PasswordInput
    )


def _code() -> forms.CharField:
    return forms.CharField(label=_("六位验证码"), max_length=20, required=False)


def _six_digits(text: str) -> str:
    digits = rules.normalised_password(text).replace(" ", "")
    if not re.fullmatch(r"[0-9]{6}", digits):
        raise ValidationError(_("请输入收到的 6 位数字"))
    return digits


class _Credentials(forms.Form):
    username = _account()
    password = _password(_("密码"))

    def clean_username(self) -> str:
        return _given(self.cleaned_data["username"], _("请输入账号"))

    def clean_password(self) -> str:
        return _given(self.cleaned_data["password"], _("请输入密码"))


class SignInForm(_Credentials, CaptchaForm):
    """账号, 密码 and 验证码, in the guide's words."""


class SignInCodeForm(_Credentials):
    """The second way in for who cannot see the picture: a code that was sent stands for it."""

    code = _code()

    def clean_code(self) -> str:
        return _six_digits(self.cleaned_data["code"])


class AccountForm(CaptchaForm):
    """Whose password was forgotten."""

    username = _account()

    def clean_username(self) -> str:
        return _given(self.cleaned_data["username"], _("请输入账号"))


class CodeForm(forms.Form):
    """The code that came by text message, for this account."""

    username = _account()
    code = _code()

    def clean_username(self) -> str:
        return _given(self.cleaned_data["username"], _("请输入账号"))

    def clean_code(self) -> str:
        return _six_digits(self.cleaned_data["code"])


class _NewPassword(forms.Form):
    """A new password, twice."""

    new = _password(_("新密码"))
    again = _password(_("再输入一次"))

    def __init__(self, *args: Any, is_staff: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.is_staff = is_staff
        self.fields["new"].help_text = str(password_help(is_staff))

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        if "new" in given and not given["new"]:
            self.add_error("new", _("请输入新密码"))
        elif "new" in given and given["new"] != given.get("again"):
            self.add_error("again", _("两次输入的密码不一致"))
        elif "new" in given and not self.errors:
            try:
                self.judge(given["new"])
            except Refused as weak:
                self.add_error("new", [str(reason) for reason in weak.reasons])
        return given

    def judge(self, raw: str) -> None:
        """Raises Refused for a password that nobody may have; who knows more of the person, refuses more."""
        refuse_weak(raw, "", "", is_staff=self.is_staff)


class ActivateForm(_NewPassword):
    """The password of a new account, or of one whose password was forgotten."""

    def __init__(self, *args: Any, user: User, is_staff: bool, **kwargs: Any) -> None:
        super().__init__(*args, is_staff=is_staff, **kwargs)
        self.user = user

    def judge(self, raw: str) -> None:
        refuse_password(self.user, raw)


class PasswordChangeForm(ActivateForm):
    """The old password and a new one."""

    field_order = ("old", "new", "again")
    old = _password(_("当前密码"))

    def judge(self, raw: str) -> None:
        # Not yet whether it was theirs before: that is for who has proved the old one, and each such try is counted.
        refuse_weak(raw, self.user.username, self.user.name, *queries.words_about(self.user), is_staff=self.is_staff)

    def clean_old(self) -> str:
        return _given(self.cleaned_data["old"], _("请输入当前密码"))

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        if given.get("new") and given.get("new") == given.get("old") and "new" not in self.errors:
            self.add_error("new", _("新密码与当前密码相同，请换一个"))
        return given


class PhoneForm(CaptchaForm):
    """The phone of who wants an account of the cloud courses."""

    phone = forms.CharField(label=_("手机号"), max_length=20, required=False)

    def clean_phone(self) -> str:
        phone = phone_as_meant(self.cleaned_data["phone"])
        if not rules.is_mobile(phone):
            raise ValidationError(_("请输入 11 位手机号"))
        return phone


class LearnerForm(_NewPassword):
    """The code, the name and the password of a new account of the cloud courses."""

    field_order = ("code", "name", "new", "again")
    code = _code()
    name = forms.CharField(label=_("姓名"), max_length=40, required=False)

    def __init__(self, *args: Any, phone: str, **kwargs: Any) -> None:
        super().__init__(*args, is_staff=False, **kwargs)
        self.phone = phone
        self.fields["new"].label = _("登录密码")

    def clean_code(self) -> str:
        return _six_digits(self.cleaned_data["code"])

    def clean_name(self) -> str:
        return _given(self.cleaned_data["name"], _("请输入姓名"))

    def judge(self, raw: str) -> None:
        refuse_weak(raw, self.phone, self.cleaned_data.get("name", ""), is_staff=self.is_staff)


class NetworkForm(forms.Form):
    """A range of addresses and what it is for."""

    organisation = forms.CharField(label=_("学校或考点全称"), max_length=100)
    cidr = forms.CharField(
        label=_("网段"), max_length=60, help_text=_("学校上网的出口地址，例如 203.0.113.8 或 203.0.113.0/28。")
    )
    label = forms.CharField(label=_("用途"), max_length=60, required=False, help_text=_("例如：实训楼三楼机房。"))

    def __init__(self, *args: Any, names_organisation: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not names_organisation:
            del self.fields["organisation"]
