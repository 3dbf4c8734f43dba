"""The words of the templates, for the operator."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from onex.common.pages import permit, typed
from onex.common.queries import timeline_of
from onex.common.text import Refused, say
from onex.notices import queries, services
from onex.notices.forms import TemplateForm
from onex.notices.rules import TEMPLATES, cleaned, filled
from onex.notices.views.shown import tabs

VERBS = {"save": say("修改模板"), "reset": say("恢复内置文字")}


@permit("notices.template_edit")
def template_list(request: Any) -> HttpResponse:
    words = queries.all_words()
    asked = typed(request.GET, "q").lower()
    found = [one for one in words if asked in f"{one.template.code}{one.template.label}{one.subject}{one.text}".lower()]
    state = request.GET.get("state", "")
    chips = [
        {"label": say("全部"), "value": "", "count": len(found)},
        {"label": say("已修改"), "value": "changed", "count": sum(one.is_changed for one in found)},
        {"label": say("紧急"), "value": "urgent", "count": sum(one.is_urgent for one in found)},
    ]
    if state == "changed":
        found = [one for one in found if one.is_changed]
    elif state == "urgent":
        found = [one for one in found if one.is_urgent]
    context = {"words": found, "chips": chips, "tabs": tabs(request, "template-list")}
    return render(request, "notices/template_list.html", context)


@permit("notices.template_edit")
def template_edit(request: Any, code: str) -> HttpResponse:
    """The form, with a preview of what stands in it; `then=preview` looks without saving."""
    template = TEMPLATES.get(code)
    if template is None:
        raise Http404
    words = queries.words_in_force(code)
    if request.method != "POST":
        initial = {
            "subject": words.subject, "text": words.text, "is_urgent": words.is_urgent, "version": words.version,
        }  # fmt: skip
        return _page(request, words, TemplateForm(initial=initial, template=template))
    form = TemplateForm(request.POST, template=template)
    if not form.is_valid():
        return _page(request, words, form, status=422)
    given = form.cleaned_data
    if request.POST.get("then") == "preview":
        return _page(request, words, form, subject=given["subject"], text=given["text"])
    try:
        services.save_template(code, **given, by=request.actor, at=request.at)
    except Refused as refused:
        return _page(request, words, form, problems=refused.reasons, status=409)
    messages.success(request, str(say("模板已保存，今后的消息按新的文字发送。")))
    return redirect("notices:template-edit", code=code)


def _page(
    request: Any,
    words: Any,
    form: TemplateForm,
    *,
    subject: str = "",
    text: str = "",
    problems: Any = (),
    status: int = 200,
) -> HttpResponse:
    template, sample = words.template, words.template.sample()
    context = {
        "words": words,
        "template": template,
        "form": form,
        "problems": problems,
        "places": [{"place": f"{{{name}}}", "label": label} for name, label in template.placeholders.items()],
        "roles": [role.label for role in template.audience],
        "preview": {
            "subject": filled(subject or words.subject, sample),
            "text": filled(cleaned(text or words.text), sample),
            "is_unsaved": bool(subject),
        },
        "timeline": _told(words.row),
    }
    return render(request, "notices/template_edit.html", context, status=status)


def _told(row: Any) -> list[dict[str, Any]]:
    if row is None:
        return []
    return [
        {
            "who": one.actor_label,
            "at": one.at,
            "what": VERBS.get(one.verb, one.verb),
            "note": one.data["after"]["subject"],
        }
        for one in timeline_of(row).order_by("-at", "-id")[:20]
    ]


@permit("notices.template_edit")
@require_POST
def template_reset(request: Any, code: str) -> HttpResponse:
    if code not in TEMPLATES:
        raise Http404
    text = typed(request.POST, "version")
    version = int(text) if text.isascii() and text.isdigit() and len(text) < 7 else -1
    services.reset_template(code, version=version, by=request.actor, at=request.at)
    messages.success(request, str(say("已恢复内置文字。")))
    return redirect("notices:template-edit", code=code)
