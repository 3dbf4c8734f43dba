"""An assessor's points, one field for each criterion."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from onex.common.text import say
from onex.items import Score

HALF = Decimal("0.5")


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
                max_digits=5,
                decimal_places=1,
                help_text=criterion.explanation,
                validators=[_in_half_steps],
                # Django's own step_size takes a float and fails on what no float holds.
                widget=forms.NumberInput(attrs={"step": "0.5"}),
            )
        self.fields["remark"] = forms.CharField(
            label=_("评语（选填）"), required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 2})
        )

    def lines(self) -> list[tuple[forms.BoundField, str]]:
        """Each criterion's field with its unit: what it is worth."""
        return [
            (self[f"c-{criterion.id}"], str(say("/ {points} 分", points=f"{criterion.points.normalize():f}")))
            for criterion in self.criteria
        ]

    def points(self) -> dict[str, Decimal | None]:
        """Points by criterion id."""
        return {criterion.id: self.cleaned_data[f"c-{criterion.id}"] for criterion in self.criteria}


def _in_half_steps(mark: Decimal) -> None:
    if mark.is_finite() and abs(mark) < 1000 and mark % HALF:
        raise forms.ValidationError(str(say("以 0.5 分为一档。")))
