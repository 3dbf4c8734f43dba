"""Forms: every widget dressed, mistakes beside the field and summed at the top."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import template
from django.forms import (
    BoundField,
    CheckboxInput,
    CheckboxSelectMultiple,
    FileInput,
    HiddenInput,
    PasswordInput,
    RadioSelect,
    Select,
    Textarea,
)
from django.forms.utils import flatatt
from django.template.loader import render_to_string
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from onex.common.ui.library import register


@register.simple_block_tag(takes_context=True)
def ui_form(
    context: template.Context,
    content: str,
    form: Any = None,
    action: str = "",
    submit: Any = "",
    cancel: str = "",
    guard: bool = True,
    autosave: str = "",
    id: str = "form",
    target: str = "",
    wide: bool = False,
    checklist: Any = None,
    tone: str = "primary",
) -> SafeString:
    """A form with its summary of mistakes, token and foot:

    `{% ui_form form submit="保存并提交" cancel=url %}{% ui_field form.headcount unit="人" %}…{% endui_form %}`
    An empty block shows every field. Further buttons: write them in the block with `class="btn"` and `name`/`value`.
    `target`: a selector that the answer replaces by htmx (409, 422 and 200 alike); `autosave`: address of the draft.
    `tone="plain"`: the second form of a page, whose button is not the page's main one.
    """
    fields = SafeString(content)
    mistakes = mistakes_of(form) if form is not None else []
    if not content.strip() and form is not None:
        fields = format_html_join("", "{}", ((render_field(bound),) for bound in form.visible_fields()))
    return mark_safe(  # noqa: S308
        render_to_string(
            "common/ui/form.html",
            {
                "form": form,
                "fields": fields,
                "hidden": form.hidden_fields() if form is not None else [],
                "mistakes": mistakes,
                "misfilled": sum(1 for one in mistakes if one["href"]),  # a refusal of the whole is no field to mend
                "has_secrets": form is not None and any(map(_is_secret, form.visible_fields())),
                "action": action,
                "tone": tone,
                "submit": submit,
                "cancel": cancel,
                "guard": guard,
                "autosave": autosave,
                "id": id,
                "target": target,
                "wide": wide,
                "checklist": checklist,
                "multipart": form.is_multipart() if form is not None else False,
                "csrf_token": context.get("csrf_token"),
            },
        )
    )


def _is_secret(bound: BoundField) -> bool:
    """Whether what was typed here is not written back into the page: a password."""
    widget = bound.field.widget
    return isinstance(widget, PasswordInput) and not widget.render_value


def mistakes_of(form: Any) -> list[dict[str, Any]]:
    """Every mistake of a form with the id of its field, in the order of the page, for the summary at the top."""
    if not form.is_bound:
        return []
    whole = [{"href": "", "label": "", "text": text} for text in form.non_field_errors()]
    return whole + [
        {"href": f"#field-{bound.html_name}", "label": bound.label, "text": text}
        for bound in form
        for text in bound.errors
    ]


@register.simple_tag
def ui_field(
    field: BoundField,
    label: Any = "",
    help: Any = "",
    unit: Any = "",
    short: bool = False,
    across: bool = False,
    **attributes: Any,
) -> SafeString:
    """One field with label, help and its mistakes beside it: `{% ui_field form.headcount unit="人" %}`.

    Every widget of Django's is dressed; `across=True` puts options in one line; other arguments become attributes
    of the widget (`autofocus=True`, `autocomplete="name"`, `inputmode="numeric"`).
    """
    return render_field(field, label, help, unit, short, across, attributes)


def render_field(
    field: BoundField,
    label: Any = "",
    help: Any = "",
    unit: Any = "",
    short: bool = False,
    across: bool = False,
    attributes: Mapping[str, Any] | None = None,
) -> SafeString:
    """The one way a field is drawn (`ui_field`, `ui_form`)."""
    widget = field.field.widget
    if isinstance(widget, HiddenInput):
        return SafeString(str(field))
    kind = _kind(widget)
    ids = f"field-{field.html_name}"
    described = [f"{ids}-help"] if help or field.help_text else []
    described += [f"{ids}-error"] if field.errors else []
    dress: dict[str, Any] = {name.replace("_", "-"): value for name, value in (attributes or {}).items()}
    existing = str(widget.attrs.get("class", ""))
    dress["class"] = f"{existing} {_DRESS[kind]}".strip()
    if described:
        dress["aria-describedby"] = " ".join(described)
    if field.errors:
        dress["aria-invalid"] = "true"
    if kind == "textarea":
        rows = str(widget.attrs.get("rows", ""))
        dress.setdefault("rows", 4 if rows in ("", "10") else rows)  # 10 is Django's own default
    context = {
        "field": field,
        "kind": kind,
        "ids": ids,
        "label": label or field.label,
        "help": help or field.help_text,
        "unit": unit,
        "short": short,
        "across": across,
        "required": field.field.required,
        "options": _options(field, dress) if kind in ("radio", "checks") else [],
        "widget": "" if kind in ("radio", "checks") else field.as_widget(attrs=dress),
        "most": getattr(field.field, "most_bytes", None),
        "initial_file": getattr(field.initial, "name", "") if kind == "file" else "",
    }
    return mark_safe(render_to_string("common/ui/field.html", context))  # noqa: S308


_DRESS = {
    "input": "form-control",
    "textarea": "form-control",
    "file": "form-control",
    "select": "form-select",
    "checkbox": "form-check-input",
    "radio": "form-check-input",
    "checks": "form-check-input",
}


def _kind(widget: Any) -> str:
    for kind, classes in (
        ("checks", CheckboxSelectMultiple),
        ("radio", RadioSelect),
        ("checkbox", CheckboxInput),
        ("file", FileInput),
        ("textarea", Textarea),
        ("select", Select),
    ):
        if isinstance(widget, classes):
            return kind
    return "input"


def _options(field: BoundField, dress: Mapping[str, Any]) -> list[dict[str, Any]]:
    described = {k: v for k, v in dress.items() if k != "class"}
    return [
        {"input": _option_input(one, described), "label": one.choice_label, "id": one.id_for_label} for one in field
    ]


def _option_input(one: Any, described: Mapping[str, Any]) -> SafeString:
    attributes = {**one.data["attrs"], **described, "class": "form-check-input"}
    return format_html(
        '<input type="{}" name="{}" value="{}"{}{}>',
        one.data["type"],
        one.data["name"],
        one.data["value"],
        mark_safe(" checked") if one.data["selected"] else "",
        flatatt({k: v for k, v in attributes.items() if k != "checked"}),
    )
