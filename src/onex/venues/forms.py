"""The guide's form 申报考核站点 and its rooms, as typed by people and as services take them."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from onex.accounts.identifiers import normalised, problems_with_phone
from onex.accounts.models import EvaluationOrg, School
from onex.common import files
from onex.common.text import Refused, say
from onex.venues import queries
from onex.venues.models import SiteApplication
from onex.venues.rules import FILE_KINDS, STAMPED_FORM, RoomInput, problems_with_addresses
from onex.venues.services import ApplicationInput

# The ★ of the guide's form: asked for when it is submitted.
STARRED = ("name", "region", "address", "contact_name", "contact_phone", "contact_email", "levels", "description")
ACCEPT = ",".join(f".{kind}" for kind in FILE_KINDS)


class ApplicationForm(forms.Form):
    """The form but for the rooms. A draft may be incomplete; `ask_for_all` is the submitting click."""

    name = forms.CharField(
        label=_("考核站点名称"),
        max_length=120,
        required=False,
        help_text=_("例如：昌平职业技术学校WEB职业技能等级证书(初、中、高)考核站点"),
    )
    region = forms.ChoiceField(label=_("考核站点地址"), required=False)
    address = forms.CharField(label=_("详细地址"), max_length=200, required=False)
    contact_name = forms.CharField(label=_("联系人姓名"), max_length=30, required=False)
    contact_phone = forms.CharField(
        label=_("联系人电话"), max_length=20, required=False, help_text=_("11 位手机号，或带区号的固定电话")
    )
    contact_email = forms.EmailField(label=_("联系人邮箱"), required=False)
    organisation: Any = forms.ModelChoiceField(
        label=_("申报对象"), queryset=queries.organisations(), empty_label=None, help_text=_("受理申请的培训评价组织")
    )
    levels: Any = forms.ModelMultipleChoiceField(
        label=_("考核证书"), queryset=queries.levels_of(None), required=False, widget=forms.CheckboxSelectMultiple
    )
    description = forms.CharField(
        label=_("考核站点简介"),
        widget=forms.Textarea(attrs={"rows": 6}),
        max_length=4000,
        required=False,
        help_text=_("机房与服务器、网络带宽、监控设备、考务人员等情况"),
    )
    stamped_form = forms.FileField(
        label=_("盖章版申请表"),
        required=False,
        help_text=_("支持扩展名：.doc .docx .pdf，不超过 20 MB"),
        widget=forms.ClearableFileInput(attrs={"accept": ACCEPT}),
    )
    material = forms.FileField(
        label=_("其他佐证材料"),
        required=False,
        help_text=_("支持扩展名：.doc .docx .pdf，不超过 20 MB；可多次上传，若无可不填写"),
        widget=forms.ClearableFileInput(attrs={"accept": ACCEPT}),
    )

    def __init__(
        self,
        *args: Any,
        school: School,
        application: SiteApplication | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        region = self._choice("region")
        region.choices = [("", _("请选择")), *((name, name) for name in queries.regions_of(school))]
        if application is not None:
            del self.fields["organisation"]
        organisation = application.organisation if application is not None else self._chosen()
        levels = queries.levels_of(organisation)
        self._choice("levels").queryset = levels
        self.level_rows = list(levels)

    def mark_starred(self) -> None:
        """For showing: the starred fields are asked for, though a draft is kept without them."""
        for name in (*STARRED, STAMPED_FORM):
            self.fields[name].required = True

    def _choice(self, name: str) -> Any:
        return self.fields[name]

    def _chosen(self) -> EvaluationOrg | None:
        organisations = list(queries.organisations())
        asked = str(self.data.get("organisation") or self.initial.get("organisation") or "")
        return next((one for one in organisations if str(one.pk) == asked), next(iter(organisations), None))

    @property
    def chosen_levels(self) -> set[str]:
        """Which rows of the certificate table are ticked."""
        return {str(getattr(value, "pk", value)) for value in self["levels"].value() or ()}

    def clean_contact_phone(self) -> str:
        phone = normalised(self.cleaned_data["contact_phone"])
        for problem in problems_with_phone(phone) if phone else ():
            raise forms.ValidationError(str(problem))
        return phone

    def clean_stamped_form(self) -> Any:
        return self._checked("stamped_form")

    def clean_material(self) -> Any:
        return self._checked("material")

    def _checked(self, name: str) -> Any:
        upload = self.cleaned_data[name]
        if upload:
            try:
                files.check(upload, FILE_KINDS)
            except Refused as refused:
                raise forms.ValidationError([str(reason) for reason in refused.reasons]) from refused
        return upload

    def ask_for_all(self, rooms: list[RoomInput], has_stamped_form: bool) -> bool:
        """On submitting: a sentence beside every starred field that is empty; answers whether none is."""
        for name in STARRED:
            if not self.cleaned_data.get(name):
                field = self.fields[name]
                word = (
                    say("请选择{field}") if isinstance(field, forms.ModelMultipleChoiceField) else say("请填写{field}")
                )
                self.add_error(name, str(say(word.msgid, field=field.label)))
        if not rooms:
            self.add_error(None, str(say("请至少填写一个考场（机房）")))
        if not has_stamped_form:
            self.add_error(STAMPED_FORM, str(say("请上传盖章版申请表；没有上传会导致审核被退回。")))
        return not self.errors

    @property
    def values(self) -> ApplicationInput:
        """The words, as the service takes them."""
        return ApplicationInput(**{name: self.cleaned_data[name] for name in ApplicationInput.__dataclass_fields__})


def _counted(label: Any, least: int, most: int, *, required: bool = False) -> forms.IntegerField:
    words = forms.TextInput(attrs={"class": "form-control", "inputmode": "numeric", "aria-label": label})
    return forms.IntegerField(label=label, min_value=least, max_value=most, required=required, widget=words)


def _said(label: Any, most: int, *, required: bool = False) -> forms.CharField:
    words = forms.TextInput(attrs={"class": "form-control", "aria-label": label})
    return forms.CharField(label=label, max_length=most, required=required, widget=words)


class RoomForm(forms.Form):
    """One row of the table of rooms; an empty row is no room. Its fields stand in the order of the table."""

    use_required_attribute = False  # an empty row is right
    name = _said(_("考场名称"), 40, required=True)
    place = _said(_("位置"), 60)
    machine_count = _counted(_("考试机数量"), 1, 2000, required=True)
    spare_count = _counted(_("备用机数量"), 0, 200)
    server_count = _counted(_("服务器数量"), 0, 200)
    camera_count = _counted(_("摄像头数量"), 0, 200)
    addresses = _said(_("机器网段"), 200)
    is_accessible = forms.ChoiceField(
        label=_("无障碍"),
        choices=(("否", _("否")), ("是", _("是"))),  # as they are pasted from Excel
        required=False,
        widget=forms.Select(attrs={"class": "form-select", "aria-label": _("无障碍")}),
    )

    def clean_addresses(self) -> str:
        text: str = self.cleaned_data["addresses"].strip()
        if problems := problems_with_addresses(text):
            raise forms.ValidationError([str(problem) for problem in problems])
        return text

    @property
    def room(self) -> RoomInput:
        given = self.cleaned_data
        counts = {name: given[name] or 0 for name in ("spare_count", "server_count", "camera_count")}
        return RoomInput(
            name=given["name"].strip(),
            machine_count=given["machine_count"],
            place=given["place"].strip(),
            addresses=given["addresses"],
            is_accessible=given["is_accessible"] == "是",
            **counts,
        )


class RoomTable:
    """The rows `room-<n>-name`, `room-<n>-machine_count` …, as many as the page sends."""

    def __init__(self, data: Any = None, rooms: list[RoomInput] | None = None, blank: int = 2) -> None:
        self.is_bound = data is not None
        if data is not None:
            numbers = sorted({int(m[1]) for key in data if (m := re.fullmatch(r"room-(\d{1,3})-name", key))})
            self.forms = [RoomForm(data, prefix=f"room-{n}") for n in numbers]
        else:
            given = rooms or []
            rows: list[Any] = [
                vars(room) | {"is_accessible": "是" if room.is_accessible else "否"} for room in given
            ] + [None] * (blank if given else 3)
            self.forms = [RoomForm(initial=row, prefix=f"room-{n}") for n, row in enumerate(rows)]
        self.problems: list[str] = []

    def _is_empty(self, form: RoomForm) -> bool:
        return not any(str(form.data.get(form.add_prefix(name), "")).strip() for name in ("name", "machine_count"))

    def is_valid(self) -> bool:
        """Whether every row that says something is right; two rooms of one name are not."""
        filled = [form for form in self.forms if not self._is_empty(form)]
        fine = not [form for form in filled if not form.is_valid()]  # every row shall show its mistakes
        self.rooms = [form.room for form in filled] if fine else []
        names = [room.name for room in self.rooms]
        self.problems = [
            str(say("考场名称“{room}”重复，请加以区分", room=name))
            for name in sorted({name for name in names if names.count(name) > 1})
        ]
        return fine and not self.problems

    @property
    def pattern(self) -> RoomForm:
        """An empty row that the page numbers and adds."""
        return RoomForm(prefix="room-__n__")

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Each row for the table, without mistakes for rows that say nothing."""
        return [
            {"form": form, "is_wrong": self.is_bound and not self._is_empty(form) and bool(form.errors)}
            for form in self.forms
        ]
