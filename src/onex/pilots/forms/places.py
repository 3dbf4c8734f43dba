"""What a province writes when it changes how many places it granted."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

MOST = 100_000  # more than any school was ever granted; what is typed beyond is a slip


class AdjustForm(forms.Form):
    """调整批准人数: the number, the reason, and which state of the application the screen showed."""

    use_required_attribute = False

    approved_count = forms.IntegerField(
        label=_("调整后的批准人数"),
        min_value=1,
        max_value=MOST,
        error_messages={
            "required": _("请填写调整后的批准人数，至少 1 人。"),
            "min_value": _("请填写调整后的批准人数，至少 1 人。"),
            "max_value": _("批准人数过大，请核对。"),
            "invalid": _("批准人数请填写整数。"),
        },
    )
    note = forms.CharField(
        label=_("调整理由"),
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("记入名额台账，院校会看到。"),
        error_messages={"required": _("请写明调整的理由，院校会看到。")},
    )
    revision = forms.IntegerField(min_value=0, max_value=2_147_483_647, widget=forms.HiddenInput)
