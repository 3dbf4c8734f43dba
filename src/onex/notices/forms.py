"""What people type about notices: the words of a template, and how they want to be told."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from onex.common.actors import Role
from onex.notices.rules import (
    LONGEST_SUBJECT,
    LONGEST_TEXT,
    PACES,
    TEMPLATES,
    Pace,
    Template,
    cleaned,
    problems_in,
    templates_for,
)


class TemplateForm(forms.Form):
    """The words of one template; `version` is what the person began with."""

    subject = forms.CharField(label=_("标题"), max_length=LONGEST_SUBJECT)
    text = forms.CharField(
        label=_("正文"),
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=_("纯文本，可以分行。"),
    )
    is_urgent = forms.BooleanField(
        label=_("紧急"),
        required=False,
        help_text=_("立即发邮件，有手机号的同时发短信；收件人不能改为每日汇总。"),
    )
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=1_000_000)

    def __init__(self, *args: Any, template: Template, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.template = template

    def clean_text(self) -> str:
        return cleaned(self.cleaned_data["text"])

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        for name, other in (("subject", {"text": "-"}), ("text", {"subject": "-"})):
            if name in given:
                for problem in problems_in(self.template, **{"subject": "", "text": "", name: given[name]} | other):
                    self.add_error(name, str(problem))
        return given


class PaceForm(forms.Form):
    """One choice for each kind of notice that this person's hats may be told."""

    def __init__(self, *args: Any, roles: Iterable[Role], urgent: Iterable[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.templates = templates_for(roles)
        choices = [(pace.value, str(word)) for pace, word in PACES.items()]
        for one in self.templates:
            self.fields[field_of(one.code)] = forms.ChoiceField(
                label=str(one.label),
                choices=choices,
                required=False,  # what is not answered stays as it is
                widget=forms.RadioSelect,
                disabled=one.code in set(urgent),
                help_text=str(_("紧急消息：总是立即发邮件和短信。")) if one.code in set(urgent) else "",
            )

    @property
    def groups(self) -> list[tuple[str, list[Any]]]:
        """The fields by the business they belong to."""
        found: dict[str, list[Any]] = {}
        for one in self.templates:
            found.setdefault(str(one.kind), []).append(self[field_of(one.code)])
        return list(found.items())

    @property
    def wanted(self) -> dict[str, Pace]:
        """What was chosen, but for what cannot be."""
        fields = {code: field_of(code) for code in TEMPLATES}
        return {
            code: Pace(self.cleaned_data[name])
            for code, name in fields.items()
            if self.cleaned_data.get(name) and not self.fields[name].disabled
        }


def field_of(code: str) -> str:
    """A template's code as a name in a form."""
    return code.replace(".", "__")
