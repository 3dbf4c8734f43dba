"""A student's photo: shown to the school and to the student, put and taken away by the school."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from onex.common import files
from onex.common.pages import get_or_404, permit
from onex.common.text import Refused, say
from onex.registration import queries, services
from onex.registration.forms import PhotoForm
from onex.registration.views.rosters import student_page


@permit("registration.photo_see")
def student_photo(request: Any, pk: str) -> Any:
    student = get_or_404(queries.students_photographed(request.actor), pk=pk)
    photo = queries.photo_of(student)
    if photo is None:
        raise Http404
    answer = files.respond(photo)
    services.note_photo(student, by=request.actor, at=request.at)
    return answer


@permit("registration.photo_write")
@require_POST
def photo_set(request: Any, pk: str) -> HttpResponse:
    student = get_or_404(queries.students_seen_by(request.actor), pk=pk)
    form = PhotoForm(request.POST, request.FILES)
    if not form.is_valid():
        return student_page(request, student, photo_form=form, status=422)
    try:
        advice = services.set_photo(student, form.cleaned_data["photo"], by=request.actor, at=request.at)
    except Refused as refused:
        form.add_error("photo", [str(reason) for reason in refused.reasons])
        return student_page(request, student, photo_form=form, status=422)
    messages.success(request, str(say("已保存照片。")))
    for sentence in advice:
        messages.warning(request, str(sentence))
    return redirect("registration:student-detail", pk=student.pk)


@permit("registration.photo_write")
@require_POST
def photo_remove(request: Any, pk: str) -> HttpResponse:
    student = get_or_404(queries.students_seen_by(request.actor), pk=pk)
    services.remove_photo(student, by=request.actor, at=request.at)
    messages.success(request, str(say("已删除照片。")))
    return redirect("registration:student-detail", pk=student.pk)
