"""Pages of photos by the hundred: the archive, what it held, what is kept of it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from onex.accounts.queries import school_of
from onex.common import files
from onex.common.pages import get_or_404, permit
from onex.common.text import Refused, say
from onex.registration import queries, services
from onex.registration.forms import PhotoZipForm

SHOWN = 100  # faces on the page at once


@permit("registration.student_import")
def photo_import(request: Any) -> HttpResponse:
    """GET shows what waits; POST reads an archive and shows what of it was refused as well."""
    if request.method != "POST":
        return _page(request, PhotoZipForm())
    form = PhotoZipForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, form, status=422)
    try:
        read = services.preview_photos(
            school_of(request.actor), form.cleaned_data["archive"], by=request.actor, at=request.at
        )
    except Refused as refused:
        form.add_error("archive", [str(reason) for reason in refused.reasons])
        return _page(request, form, status=422)
    return _page(request, PhotoZipForm(), read=read)


def _page(
    request: Any, form: PhotoZipForm, read: Any = None, problems: Any = (), ticked: Any = (), status: int = 200
) -> HttpResponse:
    waiting = list(queries.students_waiting_for_photos(school_of(request.actor)))
    context = {
        "form": form,
        "read": read,
        "unfit": [(one.name, "；".join(map(str, one.reasons))) for one in read.unfit] if read else [],
        "waiting": waiting[:SHOWN],
        "waiting_count": len(waiting),
        "replacing_count": sum(one.has_photo for one in waiting),
        "ticked": set(ticked),
        "problems": problems,
        "shown": SHOWN,
    }
    return render(request, "registration/photo_import.html", context, status=status)


@permit("registration.student_import")
@require_POST
def photo_keep(request: Any) -> HttpResponse:
    school, ticked = school_of(request.actor), request.POST.getlist("replace")
    chosen = [one.pk for one in queries.students_waiting_for_photos(school)] if "all" in ticked else ticked
    try:
        kept = services.keep_photos(school, chosen, by=request.actor, at=request.at)
    except Refused as refused:
        return _page(request, PhotoZipForm(), problems=refused.reasons, ticked=ticked, status=409)
    messages.success(request, str(say("已保存 {n} 名学生的照片。", n=kept)))
    return redirect("registration:photo-import")


@permit("registration.student_import")
@require_POST
def photo_discard(request: Any) -> HttpResponse:
    try:
        dropped = services.discard_photos(school_of(request.actor), by=request.actor, at=request.at)
    except Refused as refused:
        return _page(request, PhotoZipForm(), problems=refused.reasons, status=409)
    messages.success(request, str(say("已放弃 {n} 张照片，学生原有的照片没有改动。", n=dropped)))
    return redirect("registration:photo-import")


@permit("registration.photo_write")
def photo_waiting(request: Any, pk: str) -> Any:
    student = get_or_404(queries.students_seen_by(request.actor), pk=pk)
    photo = queries.waiting_photo_of(student)
    if photo is None:
        raise Http404
    answer = files.respond(photo)
    services.note_photo(student, by=request.actor, at=request.at)
    return answer
