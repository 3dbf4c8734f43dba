"""An assessor's points, one field for each criterion."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from onex.common.text import say
from onex.items import Score


class MarkForm(forms.Form):
    """Points in half steps for every criterion, and a remark."""

    def __init__(self, *args: Any, score: Score, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.criteria = score.needs_examiner
        for criterion in self.criteria:
            self.fields[f"c-{criterion.id}"] = forms.DecimalField(
                label=str(criterion.title),
                min_value=Decimal(0),
                max_value=criterion.points,
                decimal_places=1,
                step_size=Decimal("0.5"),
                help_text=str(say("满分 {points} 分。{guide}", points=criterion.points, guide=criterion.explanation)),
            )
        self.fields["remark"] = forms.CharField(label=_("评语"), required=False, max_length=500, widget=forms.Textarea)

    def points(self) -> dict[str, Decimal | None]:
        """Points by criterion id."""
        return {criterion.id: self.cleaned_data[f"c-{criterion.id}"] for criterion in self.criteria}
