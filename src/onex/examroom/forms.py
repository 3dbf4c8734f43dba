"""What an invigilator types: the sign-in, minutes, reasons, incidents; each mistake is a sentence beside its field."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from onex.examroom.rules import IncidentKind, Part

_NEEDED = {"required": _("请填写此项")}


class SignInForm(forms.Form):
    """Name and code as printed on the invigilator's sheet."""

    name = forms.CharField(label=_("姓名"), max_length=60, error_messages=_NEEDED)
    code = forms.CharField(
        label=_("监考口令"), max_length=60, error_messages=_NEEDED, widget=forms.PasswordInput(render_value=False)
    )


class _PartForm(forms.Form):
    """A form about one part of those that can be chosen now."""

    def __init__(self, parts: Sequence[Part], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["part"]
        assert isinstance(field, forms.TypedChoiceField)  # noqa: S101
        field.choices = [(part.value, str(part.label)) for part in parts]
        if len(parts) == 1:
            field.initial = parts[0]


def _part_field() -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        label=_("考试部分"),
        coerce=Part,
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": _("请选择考试部分")},
    )


class GrantForm(_PartForm):
    """Extra minutes with their reason."""

    part = _part_field()
    minutes = forms.IntegerField(
        label=_("加时"),
        min_value=1,
        max_value=180,
        initial=5,
        error_messages=_NEEDED
        | {
            "invalid": _("请填写整数分钟"),
            "min_value": _("加时应在 1～180 分钟之间"),
            "max_value": _("加时应在 1～180 分钟之间"),
        },
    )
    reason = forms.CharField(
        label=_("原因"), max_length=200, error_messages={"required": _("请写明加时原因，例如：考试机故障换机")}
    )


class HandInForm(_PartForm):
    """A hand-in by the invigilator."""

    part = _part_field()
    reason = forms.CharField(label=_("原因"), max_length=200, error_messages={"required": _("请写明强制交卷的原因")})


class IncidentForm(forms.Form):
    """What was seen, in the words of the rules and in one's own."""

    kind = forms.TypedChoiceField(label=_("类别"), coerce=IncidentKind)
    note = forms.CharField(
        label=_("经过"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("请写明时间、经过和处理")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["kind"]
        assert isinstance(field, forms.TypedChoiceField)  # noqa: S101
        field.choices = [
            (group, [(kind.value, str(kind.label)) for kind in kinds])
            for group, kinds in groupby(IncidentKind, key=lambda kind: str(kind.group))
        ]
