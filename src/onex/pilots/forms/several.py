"""What a school writes when it applies for several certificate levels at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms

from onex.catalog.models import CertificateLevel
from onex.pilots import queries
from onex.pilots.forms.applications import ConditionsForm, requested_count, revision_of
from onex.pilots.models import PilotApplication, PilotPlan
from onex.pilots.services import ApplicationInput, LevelInput


class LineForm(forms.Form):
    """One level: whether, for how many, for whose students. Nothing of it is asked for while it is not ticked."""

    use_required_attribute = False
    pick = forms.BooleanField(required=False)
    requested_count = requested_count()
    declared_majors = forms.MultipleChoiceField(required=False, widget=forms.CheckboxSelectMultiple)
    kept = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)
    revision = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, level: CertificateLevel, majors: Mapping[str, str]) -> None:
        super().__init__(data, prefix=level.pk.hex)
        self.level = level
        self.found: PilotApplication | None = None  # the draft that this page made of it, as it is now
        self.others: PilotApplication | None = None  # an application for it that is not of this page
        choices: Any = self.fields["declared_majors"]
        choices.choices = list(majors.items())
        self.fields["requested_count"].required = False

    @property
    def is_picked(self) -> bool:
        return self["pick"].value() in (True, "on", "1")

    @property
    def majors_picked(self) -> list[str]:
        return list(self["declared_majors"].value() or ())

    def refuse(self, reasons: Any) -> None:
        """Say of this level why it was not kept or not handed in."""
        for reason in reasons:
            self.add_error(None, str(reason))


class SeveralForm(ConditionsForm):
    """师资, 场地 and 材料 once, and a line for each level that is open under the plan."""

    def __init__(self, *args: Any, plan: PilotPlan, school: Any, **kwargs: Any) -> None:
        super().__init__(*args, plan=plan, **kwargs)
        self.plan, self.school = plan, school
        there = {row.level_id: row for row in queries.applications_of(plan, school)}
        levels = list(queries.levels_open_under(plan))
        majors = queries.majors_by_level(school, levels)
        self.lines: list[LineForm] = []
        for level in levels:
            line = LineForm(self.data if self.is_bound else None, level=level, majors=majors[level.pk])
            row = there.get(level.pk)
            is_ours = row is not None and self.is_bound and line["kept"].value() == str(row.pk)
            line.found, line.others = (row, None) if is_ours else (None, row)
            self.lines.append(line)

    @property
    def picked(self) -> list[LineForm]:
        return [line for line in self.lines if line.is_picked and line.others is None]

    @property
    def dropped(self) -> list[LineForm]:
        """Levels that this page kept a draft of and that are not ticked any more."""
        return [line for line in self.lines if line.found is not None and not line.is_picked]

    def is_sound(self) -> bool:
        """Whether everything ticked can be kept as it was typed."""
        sound = [line.is_valid() for line in self.picked]
        return self.is_valid() and all(sound)

    def inputs(self) -> list[LevelInput]:
        """What is kept of each ticked level; a field that holds a mistake is left empty."""
        shared, found = self.cleaned_data, []
        for line in self.picked:
            line.is_valid()
            values = ApplicationInput(
                level=line.level,
                requested_count=line.cleaned_data.get("requested_count") or 0,
                major_codes=line.cleaned_data.get("declared_majors") or (),
                teaching_staff=shared.get("teaching_staff") or "",
                facilities=shared.get("facilities") or "",
                machine_count=shared.get("machine_count"),
            )
            found.append(LevelInput(values, line.found, revision_of(line.cleaned_data.get("revision", ""))))
        return found
