"""What is typed about a session, into clean values and sentences."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from onex.bank.models import Paper
from onex.bank.rules import Part
from onex.common.text import say
from onex.registration.rules import NewTimes, Window
from onex.sittings import queries
from onex.sittings.models import ExamSession
from onex.venues.models import SiteRoom


class ArrangeForm(forms.Form):
    """The seed of the seating; left empty, chance decides."""

    seed = forms.IntegerField(
        label=_("编排种子"),
        required=False,
        min_value=0,
        max_value=2**31 - 1,
        help_text=_("可不填。相同的种子得到相同的座位，便于复查。"),
    )


class PapersForm(forms.Form):
    """The two frozen papers of a session."""

    theory: forms.ModelChoiceField[Paper] = forms.ModelChoiceField(
        label=_("理论考核试卷"), queryset=None, empty_label=_("请选择")
    )
    practical: forms.ModelChoiceField[Paper] = forms.ModelChoiceField(
        label=_("实训考核试卷"), queryset=None, empty_label=_("请选择")
    )

    def __init__(self, *args: Any, session: ExamSession, **kwargs: Any) -> None:
        kwargs["initial"] = {"theory": session.theory_paper_id, "practical": session.practical_paper_id}
        super().__init__(*args, **kwargs)
        for name, part in (("theory", Part.THEORY), ("practical", Part.PRACTICAL)):
            field = self.fields[name]
            if isinstance(field, forms.ModelChoiceField):
                field.queryset = queries.papers_for(session, part)
                if not field.queryset.exists():
                    field.help_text = str(say("还没有可用的已封试卷，请先由命题人在“题库与组卷”中封卷。"))


class StaffForm(forms.Form):
    """A chief for the session and invigilators for each room, names separated by 、 or spaces."""

    chief = forms.CharField(label=_("主考"), max_length=30)

    def __init__(self, *args: Any, session: ExamSession, **kwargs: Any) -> None:
        self.rooms = queries.rooms_of(session)
        named = queries.staff_names(session)
        initial = {"chief": "、".join(named.get(None, []))}
        initial |= {f"room-{room.pk}": "、".join(named.get(room.pk, [])) for room in self.rooms}
        kwargs["initial"] = initial
        super().__init__(*args, **kwargs)
        for room in self.rooms:
            self.fields[f"room-{room.pk}"] = forms.CharField(
                label=str(say("{room} 监考员", room=room.name)),
                max_length=120,
                help_text=str(say("多名监考员用顿号或空格隔开。")),
            )

    def invigilators(self) -> dict[SiteRoom, list[str]]:
        """Names by room."""
        return {room: _names(self.cleaned_data[f"room-{room.pk}"]) for room in self.rooms}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for room in self.rooms:
            name = f"room-{room.pk}"
            if any(len(one) > 30 for one in _names(cleaned.get(name, ""))):
                self.add_error(name, str(say("姓名最多 30 个字。")))
        return cleaned


def _names(text: str) -> list[str]:
    return [name for name in text.replace("、", " ").replace("，", " ").replace(",", " ").split() if name]


MINUTE = "%Y-%m-%dT%H:%M"  # what a datetime-local field sends and wants


class RescheduleForm(forms.Form):
    """New times for every slot of a sitting, the deadline of registration while it is on, and why."""

    reason = forms.CharField(
        label=_("改期原因"),
        max_length=500,
        required=False,  # the rules ask for it, among everything else that is missing
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("会随通知发给院校和考点，并列入统考日历。"),
    )

    def __init__(self, data: Any = None, *, slots: Sequence[Window], closes_at: datetime | None) -> None:
        super().__init__(data)
        self.slots, self.closes_at = slots, closes_at
        for n, slot in enumerate(slots, start=1):
            starts = say("第 {n} 时段开始", n=n)
            self._add(f"slot-{n}-starts_at", starts, slot.starts_at)
            self._add(f"slot-{n}-ends_at", say("第 {n} 时段结束", n=n), slot.ends_at)
        if closes_at is not None:
            self._add("registration_closes_at", say("报名截止时间"), closes_at)
        self.order_fields([name for name in self.fields if name != "reason"])

    def _add(self, name: str, label: Any, initial: datetime) -> None:
        widget = forms.DateTimeInput(format=MINUTE, attrs={"type": "datetime-local"})
        formats = [MINUTE, "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"]
        self.fields[name] = forms.DateTimeField(label=str(label), initial=initial, widget=widget, input_formats=formats)

    def asked(self) -> NewTimes:
        given = self.cleaned_data
        numbers = range(1, len(self.slots) + 1)
        return NewTimes(
            slots=tuple(Window(given[f"slot-{n}-starts_at"], given[f"slot-{n}-ends_at"]) for n in numbers),
            registration_closes_at=given.get("registration_closes_at", self.closes_at) or self.slots[0].starts_at,
            reason=given["reason"],
        )
