"""People of an organisation (it stands in the address): the list, one person, inviting, hats, letting go."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from onex.accounts import queries, services
from onex.accounts.forms import BulkForm, ExistingForm, HatsForm, InviteForm, ResendForm
from onex.accounts.models import Organisation, User
from onex.accounts.rules import (
    HATS,
    ORGANISATION_KIND_LABELS,
    PEOPLE_ACTS,
    STANDING_LABELS,
    STANDING_TONES,
    FactorKind,
    InvitedLine,
    OrganisationKind,
    Standing,
    hats_to_give,
    name_taken,
)
from onex.accounts.rules.factors import problems_on_reset
from onex.accounts.views.entrance import recently_proved
from onex.common import exports, reveal, sheets
from onex.common.actors import Role
from onex.common.masks import mask_email, mask_phone
from onex.common.pages import (
    ActorRequest,
    chips_of,
    get_or_404,
    page_of,
    permit,
    signed_in,
    sorted_by,
    typed,
)
from onex.common.permits import allows
from onex.common.text import Refused, Say, say

PERSONAL = {
    "phone": reveal.Fact(say("手机号"), "phone", mask_phone),
    "email": reveal.Fact(say("邮箱"), "email", mask_email),
}
SORTS = {"name": "name", "username": "username", "since": "since", "last": "last_login"}
COLUMNS = (
    sheets.Column("name", say("姓名")),
    sheets.Column("username", say("登录账号"), 20),
    sheets.Column("hats", say("身份"), 30),
    sheets.Column("standing", say("状态")),
    sheets.Column("since", say("加入时间"), 18),
    sheets.Column("last", say("最近登录"), 18),
)


def _organisation(request: ActorRequest, pk: UUID) -> Organisation:
    return get_or_404(queries.organisations_whose_people(request.actor), pk=pk)


def _managed(request: ActorRequest, pk: UUID) -> Organisation:
    """The organisation if this actor may change its people; one they only see has no such page."""
    organisation = _organisation(request, pk)
    if not allows("accounts.people_manage", request.actor, organisation):
        raise Http404
    return organisation


def _given(request: ActorRequest, organisation: Organisation) -> tuple[Role, ...]:
    return hats_to_give(request.actor.role, organisation.kind)


@permit("accounts.people_see")
def people_home(request: ActorRequest) -> HttpResponse:
    """The people of the own organisation."""
    return redirect("accounts:person-list", request.actor.organisation_id)


@permit("accounts.people_see")
def person_list(request: ActorRequest, pk: UUID) -> HttpResponse:
    """Everybody with a hat of this organisation."""
    organisation = _organisation(request, pk)
    rows = _found(request, organisation)
    counts = queries.standing_counts(rows)
    chips = chips_of(counts, STANDING_LABELS)
    hats = [role for role in HATS[OrganisationKind(organisation.kind)] if role != Role.STUDENT]
    context = {
        "organisation": organisation,
        "kind": ORGANISATION_KIND_LABELS[OrganisationKind(organisation.kind)],
        "page": page_of(request, _chosen(request, organisation)),
        "chips": chips,
        "hats": [(role.value, role.label) for role in hats],
        "hat": typed(request.GET, "hat"),
        "words": {role.value: role.label for role in Role},
        "labels": STANDING_LABELS,
        "tones": STANDING_TONES,
        "may_invite": allows("accounts.people_manage", request.actor, organisation)
        and bool(_given(request, organisation)),
        "others": queries.organisations_to_choose(request.actor, organisation),
        "export": reverse("accounts:person-export", args=[organisation.pk]),
    }
    return render(request, "accounts/person_list.html", context)


def _found(request: ActorRequest, organisation: Organisation) -> QuerySet[Any]:
    """Who is searched for, by words and hat; learners, who come by themselves in any number, only by their hat."""
    rows: QuerySet[Any] = queries.people_found(queries.people_of(organisation), typed(request.GET, "q"))
    hat = typed(request.GET, "hat")
    if hat != Role.LEARNER:
        rows = queries.people_of_staff(rows, organisation)
    return queries.people_with_hat(rows, organisation, hat) if hat in set(Role) else rows


def _chosen(request: ActorRequest, organisation: Organisation) -> QuerySet[Any]:
    """Those people that the address asks for, in its order."""
    rows = _found(request, organisation)
    if (standing := typed(request.GET, "state")) in set(Standing):
        rows = rows.filter(standing=standing)
    return sorted_by(request, rows, SORTS)


@permit("accounts.people_see")
def person_export(request: ActorRequest, pk: UUID) -> HttpResponse:
    """Exactly what the list shows, as a sheet; neither phones nor addresses."""
    organisation = _organisation(request, pk)
    rows = _chosen(request, organisation)
    name = f"{organisation.name} {_('人员')}.xlsx"
    return exports.respond(request, name, COLUMNS, rows, _line, subject=organisation)


def _line(row: Any) -> dict[str, Any]:
    return {
        "name": row.name,
        "username": row.username,
        "hats": "、".join(str(Role(hat.role).label) for hat in row.hats_here),
        "standing": STANDING_LABELS[Standing(row.standing)],
        "since": f"{localtime(row.since):%Y-%m-%d %H:%M}",
        "last": f"{localtime(row.last_login):%Y-%m-%d %H:%M}"
        if row.last_login and row.standing != Standing.INVITED
        else "",
    }


@dataclass(frozen=True)
class _Move:
    """A button of a person's record."""

    name: str
    label: Say
    needs_note: bool = True
    is_grave: bool = False
    reasons: tuple[Say, ...] = ()
    is_open: bool = True


# What is done about somebody's sign-in, not about their hats: each with the permit that it asks of the person.
_SECURES = {
    "unlock": "accounts.unlock",
    "end-sessions": "accounts.session_end",
    "reset-factor": "accounts.factor_reset",
}


@permit("accounts.people_see")
def person_detail(request: ActorRequest, pk: UUID, user: UUID) -> HttpResponse:
    """One person: their hats here, how they stand, what was done to them."""
    organisation = _organisation(request, pk)
    return _record(request, organisation, get_or_404(queries.people_of(organisation), pk=user))


def _record(
    request: ActorRequest,
    organisation: Organisation,
    person: Any,
    *,
    hats: HatsForm | None = None,
    resend: ResendForm | None = None,
    problems: Any = (),
    status: int = 200,
) -> HttpResponse:
    may_manage = allows("accounts.people_manage", request.actor, organisation)
    held = [Role(hat.role) for hat in person.hats_here]
    given, is_self = _given(request, organisation), person.pk == request.actor.user_id
    is_mine = may_manage and not is_self and all(role in given for role in held)
    changes_hats = may_manage and not is_self and bool(given) and person.standing in (Standing.ACTIVE, Standing.WAITING)
    if hats is None and changes_hats:
        hats = HatsForm(roles=_offered(held, given), initial={"hats": [role.value for role in held]})
    if resend is None and is_mine and person.standing == Standing.WAITING:
        resend = ResendForm()
    # Who has not accepted yet is nobody's: an invitation must not be a way to learn about any account.
    is_asked = person.standing == Standing.INVITED
    context = {
        "organisation": organisation,
        "person": person,
        "state": (STANDING_LABELS[Standing(person.standing)], STANDING_TONES[Standing(person.standing)]),
        "hats": [{"label": Role(hat.role).label, "hat": hat} for hat in person.hats_here],
        "is_asked": is_asked,
        "masked": reveal.masked(PERSONAL, person),
        "may_reveal": allows("accounts.user_reveal", request.actor, person),
        "has_other_hats": queries.other_hats_of(person, organisation),
        "hats_form": hats if changes_hats else None,
        "resend_form": resend,
        "is_self": is_self,
        "foreign": [role.label for role in held if role not in given] if may_manage and not is_self else [],
        "moves": _moves(request, person, is_mine),
        "security": _security(request, person, organisation),
        "canned": {
            "suspend": (say("岗位调整，暂不办理业务。"), say("长期离岗。")),
            "remove": (say("已离职。"), say("已调离本机构。")),
            "disable": (say("账号疑似被他人使用，先行停用。"),),
            "reset-factor": (say("手机丢失，已当面核实身份。"), say("更换手机，已电话核实身份。")),
        },
        "entries": _timeline(person, organisation, account=not is_asked),
        "problems": problems,
    }
    return render(request, "accounts/person_detail.html", context, status=status)


@permit("accounts.user_reveal")
@require_POST
def person_reveal(request: ActorRequest, pk: UUID, field: str) -> HttpResponse:
    """A number of somebody, for a reason."""
    return reveal.answer(request, get_or_404(queries.people_to_reveal(request.actor), pk=pk), PERSONAL, field)


def _offered(held: list[Role], given: tuple[Role, ...]) -> list[Role]:
    """What may be given, and what is worn already although it is not this administrator's: left as it is."""
    return [*given, *(role for role in held if role not in given)]


def _moves(request: ActorRequest, person: Any, is_mine: bool) -> list[_Move]:
    found = []
    if is_mine and person.standing in (Standing.ACTIVE, Standing.WAITING):
        found.append(_Move("suspend", say("停用"), is_grave=True))
    if is_mine and person.standing == Standing.SUSPENDED:
        found.append(_Move("restore", say("恢复")))
    if is_mine:
        found.append(_Move("remove", say("移出机构"), is_grave=True))
    if person.pk != request.actor.user_id and allows("accounts.account_disable", request.actor, person):
        if person.is_active:
            found.append(_Move("disable", say("停用账号"), is_grave=True))
        else:
            found.append(_Move("enable", say("恢复账号")))
    return found


def _security(request: ActorRequest, person: Any, organisation: Organisation) -> dict[str, Any] | None:
    """How this person's sign-in stands and what may be done about it; nothing for whoever may do nothing."""
    if not any(_secures(request, person, act) for act in _SECURES):
        return None
    sessions, factors = queries.open_sign_ins_of(person).count(), queries.authenticators_of(person)
    found = [_Move("unlock", say("解除登录锁定"), needs_note=False)]
    if sessions:
        found.append(_Move("end-sessions", say("结束全部登录"), needs_note=False, is_grave=True))
    if factors:
        problems = problems_on_reset(request.actor.role, False, queries.other_hats_of(person, organisation))
        found.append(
            _Move("reset-factor", say("重置第二重验证"), is_grave=True, reasons=tuple(problems), is_open=not problems)
        )
    kinds = Counter(FactorKind(one.kind) for one in factors)
    return {
        "sessions": sessions,
        "factors": [(kind.label, count) for kind, count in kinds.items()],
        "moves": [one for one in found if _secures(request, person, one.name)],
    }


def _secures(request: ActorRequest, person: User, act: str) -> bool:
    return person.pk != request.actor.user_id and allows(_SECURES[act], request.actor, person)


def _timeline(person: User, organisation: Organisation, *, account: bool) -> list[dict[str, Any]]:
    traces = list(queries.traces_of_person(person, organisation, account=account)[:50])
    roles = queries.hats_by_key({trace.subject_id for trace in traces})
    return [
        {
            "who": trace.actor_label,
            "at": trace.at,
            "what": _what(trace.verb, roles.get(trace.subject_id)),
            "note": trace.note,
            "hat": Role(trace.hat).label,
        }
        for trace in traces
    ]


def _what(verb: str, role: Role | None) -> Say:
    act = PEOPLE_ACTS.get(verb, Say(verb))
    return say("{act}：{role}", act=act, role=role.label) if role is not None else act


@permit("accounts.people_manage")
def person_invite(request: ActorRequest, pk: UUID) -> HttpResponse:
    """Somebody new, or somebody who has an account."""
    organisation = _managed(request, pk)
    roles = _given(request, organisation)
    if not roles:
        raise Http404
    is_existing = "existing-username" in request.POST
    form = InviteForm(None if is_existing else request.POST or None, roles=roles)
    existing = ExistingForm(request.POST if is_existing else None, roles=roles)
    asked = existing if is_existing else form
    if request.method != "POST" or not asked.is_valid():
        return _invite_page(request, organisation, form, existing, status=422 if request.method == "POST" else 200)
    given = asked.cleaned_data
    try:
        if isinstance(asked, InviteForm):
            person, is_sent = services.invite(
                organisation, asked.invitation, given["hats"], by=request.actor, at=request.at
            )
            _tell_sent(request, person, is_sent)
        else:
            person = services.invite_existing(
                organisation, given["username"], given["hats"], by=request.actor, at=request.at
            )
            messages.success(request, _("已邀请 %(name)s。") % {"name": person.username})
    except Refused as refused:
        return _invite_page(request, organisation, form, existing, refused.reasons, status=409)
    return redirect("accounts:person-detail", organisation.pk, person.pk)


def _invite_page(
    request: ActorRequest,
    organisation: Organisation,
    form: InviteForm,
    existing: ExistingForm,
    problems: Any = (),
    status: int = 200,
) -> HttpResponse:
    context = {"organisation": organisation, "form": form, "existing": existing, "problems": problems}
    return render(request, "accounts/person_invite.html", context, status=status)


def _tell_sent(request: ActorRequest, person: User, is_sent: bool) -> None:
    words = {"name": person.name}
    if is_sent:
        messages.success(request, _("已邀请 %(name)s，激活链接 7 天内有效。") % words)
    else:
        messages.warning(request, _("%(name)s 的账号已建立，但激活链接没有发出，请稍后重发。") % words)


def _without_taken(lines: list[InvitedLine]) -> list[InvitedLine]:
    """The lines with what only the database knows: an account name that somebody has."""
    taken = queries.names_taken([line.username for line in lines])
    return [
        replace(line, problems=(*line.problems, name_taken(line.username))) if line.username.lower() in taken else line
        for line in lines
    ]


@permit("accounts.people_manage")
def person_bulk(request: ActorRequest, pk: UUID) -> HttpResponse:
    """Many at once: pasted, looked through line by line, then invited; a wrong line keeps nobody else out."""
    organisation = _managed(request, pk)
    roles = _given(request, organisation)
    if not roles:
        raise Http404
    form = BulkForm(request.POST or None, roles=roles)
    lines: list[InvitedLine] = []
    is_partly_done = False
    if request.method == "POST" and form.is_valid():
        lines = _without_taken(form.cleaned_data["rows"])
        is_sure = "confirm" in request.POST and "look" not in request.POST
        if is_sure and not any(line.problems for line in lines):
            done = services.invite_many(organisation, lines, by=request.actor, at=request.at)
            invited = len(done.invited)
            if invited:
                messages.success(request, _("已邀请 %(n)s 人。") % {"n": invited})
            if not done.refused:
                return redirect("accounts:person-list", organisation.pk)
            # Only who is still to be invited stays in the list: looked through again, the others would be "taken".
            typed_lines = form.data["rows"].splitlines()
            form = BulkForm(
                initial={"rows": "\n".join(typed_lines[line.number - 1] for line in done.refused)}, roles=roles
            )
            lines = [replace(line, number=number) for number, line in enumerate(done.refused, start=1)]
            is_partly_done = bool(done.invited)
    context = {
        "organisation": organisation,
        "form": form,
        "lines": [{"line": line, "hats": [role.label for role in line.roles] or line.asked} for line in lines],
        "is_partly_done": is_partly_done,
        "wrong": sum(1 for line in lines if line.problems),
        "roles": [role.label for role in roles],
    }
    status = 422 if form.errors or any(line.problems for line in lines) else 200
    return render(request, "accounts/person_bulk.html", context, status=status)


@permit("accounts.people_manage")
@require_POST
def person_hats(request: ActorRequest, pk: UUID, user: UUID) -> HttpResponse:
    """Exactly the ticked hats from now on."""
    organisation = _managed(request, pk)
    person: Any = get_or_404(queries.people_of(organisation), pk=user)
    held = [Role(hat.role) for hat in person.hats_here]
    form = HatsForm(request.POST, roles=_offered(held, _given(request, organisation)))
    if not form.is_valid():
        return _record(request, organisation, person, hats=form, status=422)
    given = form.cleaned_data
    try:
        services.change_hats(person, organisation, given["hats"], by=request.actor, at=request.at, note=given["note"])
    except Refused as refused:
        return _record(request, organisation, person, hats=form, problems=refused.reasons, status=409)
    messages.success(request, _("%(name)s 的身份已更改，下一次操作即生效。") % {"name": person.name})
    return redirect("accounts:person-detail", organisation.pk, person.pk)


@permit("accounts.people_manage")
@require_POST
def person_resend(request: ActorRequest, pk: UUID, user: UUID) -> HttpResponse:
    """A new link, to a corrected address if one is given."""
    organisation = _managed(request, pk)
    person = get_or_404(queries.people_of(organisation), pk=user)
    form = ResendForm(request.POST)
    if not form.is_valid():
        return _record(request, organisation, person, resend=form, status=422)
    try:
        is_sent = services.resend(person, organisation, by=request.actor, at=request.at, **form.cleaned_data)
    except Refused as refused:
        return _record(request, organisation, person, problems=refused.reasons, status=409)
    _tell_sent(request, person, is_sent)
    return redirect("accounts:person-detail", organisation.pk, person.pk)


@permit("accounts.people_manage")
@require_POST
def person_move(request: ActorRequest, pk: UUID, user: UUID, move: str) -> HttpResponse:
    """Lay aside, give back, let go; for the platform's administrators also the account itself."""
    organisation = _managed(request, pk)
    person: Any = get_or_404(queries.people_of(organisation), pk=user)
    note, by, at = typed(request.POST, "note"), request.actor, request.at
    try:
        if move in ("suspend", "restore"):
            services.set_suspended(person, organisation, move == "suspend", by=by, at=at, note=note)
        elif move == "remove":
            services.remove(person, organisation, by=by, at=at, note=note)
        elif move in ("disable", "enable"):
            services.set_account_active(person, move == "enable", by=by, at=at, note=note)
        else:
            raise Http404
    except Refused as refused:
        return _record(request, organisation, person, problems=refused.reasons, status=409)
    messages.success(request, _("%(name)s：%(what)s") % {"name": person.name, "what": PEOPLE_ACTS[move]})
    if move == "remove":
        return redirect("accounts:person-list", organisation.pk)
    return redirect("accounts:person-detail", organisation.pk, person.pk)


@permit("accounts.people_see")
@require_POST
def person_secure(request: ActorRequest, pk: UUID, user: UUID, move: str) -> HttpResponse:
    """Let them try again, end their sign-ins, or take a lost second factor away: of others, never of oneself."""
    organisation = _organisation(request, pk)
    person: Any = get_or_404(queries.people_of(organisation), pk=user)
    if move not in _SECURES or not _secures(request, person, move):
        raise Http404
    if move == "reset-factor":
        return _factor_reset(request, organisation=organisation, person=person)
    if move == "unlock":
        services.unlock_account(person, by=request.actor, at=request.at)
        messages.success(request, _("%(name)s 现在可以重新尝试登录。") % {"name": person.name})
    else:
        count = services.end_sessions(person, by=request.actor, at=request.at)
        messages.success(request, _("已结束 %(name)s 的 %(n)s 处登录。") % {"name": person.name, "n": count})
    return redirect("accounts:person-detail", organisation.pk, person.pk)


@recently_proved()
def _factor_reset(request: ActorRequest, organisation: Organisation, person: Any) -> HttpResponse:
    """Whoever holds a forgotten open session must not open other people's accounts with it."""
    try:
        services.reset_second_factor(person, by=request.actor, at=request.at, note=typed(request.POST, "note"))
    except Refused as refused:
        return _record(request, organisation, person, problems=refused.reasons, status=409)
    messages.success(request, _("%(name)s 的第二重验证已重置，下次登录后重新启用。") % {"name": person.name})
    return redirect("accounts:person-detail", organisation.pk, person.pk)


@signed_in
@require_POST
def invitation_answer(request: ActorRequest, pk: UUID) -> HttpResponse:
    """The invited person accepts or declines, where hats are chosen."""
    hat = get_or_404(queries.invitations_of(request.actor), pk=pk)
    is_accepted = request.POST.get("answer") == "accept"
    services.answer_invitation(hat, is_accepted, by=request.actor, at=request.at)
    words = {"organisation": hat.organisation.name, "role": Role(hat.role).label}
    if is_accepted:
        messages.success(request, _("已接受：%(organisation)s %(role)s。现在可以切换到这个身份。") % words)
    else:
        messages.success(request, _("已谢绝：%(organisation)s %(role)s。") % words)
    return redirect("accounts:hat-choose")
