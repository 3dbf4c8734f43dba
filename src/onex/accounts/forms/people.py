"""Inviting people and choosing their hats. The fields are exactly these: whatever else is posted is nobody's."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from onex.accounts import rules
from onex.accounts.identifiers import phone_as_meant
from onex.accounts.services import Invitation
from onex.common.actors import Role
from onex.common.text import Say, say


class _HatsField(forms.MultipleChoiceField):
    """Ticked hats, of those that may be given."""

    def __init__(self, **values: Any) -> None:
        super().__init__(
            label=_("身份"),
            widget=forms.CheckboxSelectMultiple,
            error_messages={"required": _("请至少选择一个身份")},
            **values,
        )

    def offer(self, roles: Iterable[Role]) -> None:
        self.choices = [(role.value, role.label) for role in roles]

    def clean(self, value: Any) -> set[Role]:
        return {Role(one) for one in super().clean(value)}


class InviteForm(forms.Form):
    """Somebody who has no account yet."""

    use_required_attribute = False
    name = forms.CharField(label=_("姓名"), max_length=40)
    username = forms.CharField(
        label=_("登录账号"), max_length=40, help_text=_("4 到 40 位，以字母开头；激活后用它登录。")
    )
    email = forms.EmailField(label=_("邮箱"), required=False, help_text=_("激活链接优先发送到邮箱。"))
    phone = forms.CharField(label=_("手机号"), max_length=20, required=False, help_text=_("没有邮箱时发送短信。"))
    hats = _HatsField()

    def __init__(self, *args: Any, roles: Collection[Role], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["hats"].offer(roles)  # type: ignore[attr-defined]

    def clean_username(self) -> str:
        username: str = self.cleaned_data["username"]
        if problems := rules.problems_with_username(username):
            raise ValidationError([str(problem) for problem in problems])
        return username

    def clean_phone(self) -> str:
        phone = phone_as_meant(self.cleaned_data["phone"])
        if phone and not rules.is_mobile(phone):
            raise ValidationError(_("请填写 11 位手机号"))
        return phone

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        if "email" in given and "phone" in given and not given["email"] and not given["phone"]:
            self.add_error("email", _("请填写邮箱或手机号，激活链接将发送到那里。"))
        return given

    @property
    def invitation(self) -> Invitation:
        """The clean input of the service."""
        given = self.cleaned_data
        return Invitation(given["username"], given["name"], given["email"], given["phone"])


class ExistingForm(forms.Form):
    """Somebody who has an account, by its exact name."""

    use_required_attribute = False
    prefix = "existing"
    username = forms.CharField(label=_("登录账号"), max_length=40, help_text=_("与对方的登录账号完全一致。"))
    hats = _HatsField()

    def __init__(self, *args: Any, roles: Collection[Role], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["hats"].offer(roles)  # type: ignore[attr-defined]


class HatsForm(forms.Form):
    """The hats of a person here, and why one is taken away."""

    use_required_attribute = False
    hats = _HatsField()
    note = forms.CharField(
        label=_("理由"), required=False, widget=forms.Textarea(attrs={"rows": 2}), help_text=_("收回身份时必填。")
    )

    def __init__(self, *args: Any, roles: Collection[Role], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["hats"].offer(roles)  # type: ignore[attr-defined]
        self.fields["hats"].required = False


class ResendForm(forms.Form):
    """Where the new link goes; empty keeps the address there is."""

    use_required_attribute = False
    email = forms.EmailField(label=_("更正邮箱"), required=False)
    phone = forms.CharField(label=_("更正手机号"), max_length=20, required=False)

    def clean_phone(self) -> str:
        phone = phone_as_meant(self.cleaned_data["phone"])
        if phone and not rules.is_mobile(phone):
            raise ValidationError(_("请填写 11 位手机号"))
        return phone


class BulkForm(forms.Form):
    """Many at once, pasted from a sheet: name, account, e-mail or phone, hats."""

    use_required_attribute = False
    rows = forms.CharField(
        label=_("名单"),
        max_length=100_000,
        widget=forms.Textarea(attrs={"rows": 12, "spellcheck": "false"}),
        help_text=_("每行一人：姓名、登录账号、邮箱或手机号、身份；多个身份用顿号分开。可从 Excel 直接粘贴。"),
    )

    def __init__(self, *args: Any, roles: Collection[Role], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.roles = roles

    def clean_rows(self) -> list[rules.InvitedLine]:
        found = rules.parse_people(self.cleaned_data["rows"], {str(role.label): role for role in self.roles})
        if not found:
            raise ValidationError(_("没有读到名单"))
        if len(found) > rules.MOST_AT_ONCE:
            raise ValidationError(str(TOO_MANY))
        return found


TOO_MANY: Say = say("一次最多邀请 {n} 人，请分批办理。", n=rules.MOST_AT_ONCE)
