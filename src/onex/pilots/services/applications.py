"""A school's applications: saved, filed, returned, approved for fewer or all, withdrawn."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError

from onex.accounts.models import School
from onex.accounts.queries import school_of
from onex.catalog.models import CertificateLevel
from onex.common import files, moves, tx
from onex.common.actors import Actor
from onex.common.models import Attachment
from onex.common.permits import demand
from onex.common.queries import timeline_of
from onex.common.text import Refused, say
from onex.pilots import queries
from onex.pilots.models import DeclaredMajor, PilotApplication, PilotPlan
from onex.pilots.rules import (
    APPLICATION_BY_CITY,
    EDITABLE,
    ApplicationFacts,
    ApplicationState,
    problems_on_save,
    text_digest,
)
from onex.pilots.services.moving import application_facts, snapshot_of

DUPLICATE = say("贵校在本批次已申报过该证书的这一等级，不能重复申报。")
MATERIAL_KINDS = ("pdf", "doc", "docx", "png", "jpg")
MOST_MATERIALS = 10  # files of one slot
ONE_SITTING = timedelta(minutes=30)  # what one person saves by itself in this time is one line of the story


@dataclass(frozen=True)
class ApplicationInput:
    """What a school writes down. `major_codes` are among the majors it offers; empty means every mapped major."""

    level: CertificateLevel
    requested_count: int = 0
    major_codes: Sequence[str] = ()
    teaching_staff: str = ""
    facilities: str = ""
    machine_count: int | None = None


def create_application(plan: PilotPlan, values: ApplicationInput, *, by: Actor, at: datetime) -> PilotApplication:
    """A new draft of the actor's school under an open plan.

    Raises Refused outside the window, outside the plan's certificates, for a second one of the same level, and for
    majors that do not belong to it.
    """
    plan = PilotPlan.objects.get(pk=plan.pk)  # as it is now, not as it was when the page was opened
    demand("pilots.application_create", by, plan)
    school = school_of(by)
    return _kept(PilotApplication(plan=plan, school=school), values, "create", by=by, at=at)


def update_application(
    application: PilotApplication,
    values: ApplicationInput,
    *,
    by: Actor,
    at: datetime,
    revision: int | None = None,
    by_itself: bool = False,
) -> PilotApplication:
    """Change a draft or a returned application, after its window too: it is kept, and cannot be submitted.

    `revision` is that of the screen it was typed on; `by_itself` when nobody pressed a button. Raises Refused as for
    a new one, Locked when it is being reviewed, and ChangedMeanwhile when it is not what the screen showed.
    """
    return _kept(application, values, "update", by=by, at=at, revision=revision, by_itself=by_itself)


class Locked(Refused):
    """The application was handed in, decided or deleted since the form was opened."""


class ChangedMeanwhile(Refused):
    """Somebody else, or another tab, saved the application since the form was opened; `now` is what they saved."""

    def __init__(self, now: PilotApplication) -> None:
        super().__init__(say("这份申报在您填写期间被改动过，您填写的内容还没有保存。"))
        self.now = now


def _kept(
    application: PilotApplication,
    values: ApplicationInput,
    verb: str,
    *,
    by: Actor,
    at: datetime,
    revision: int | None = None,
    by_itself: bool = False,
) -> PilotApplication:
    is_new = application._state.adding
    try:
        with tx.write():
            if not is_new:
                application = _held(application, by)
                if revision is not None and revision != application.revision:
                    raise ChangedMeanwhile(application)
            before = {} if is_new else snapshot_of(application)
            level = None if is_new else application.level
            was = {} if is_new else dict(application.declared_majors.values_list("code", "name"))
            _write(application, values)
            declared = {**_named(application.school, values.major_codes), **was}
            declared = {code: declared[code] for code in dict.fromkeys(values.major_codes)}
            is_same_level = level is not None and level == values.level
            added = {code: name for code, name in declared.items() if not is_same_level or code not in was}
            facts = application_facts(application, added)
            problems = problems_on_save(facts, at, is_kept=not is_new, is_same_level=is_same_level)
            if problems:
                raise Refused(*problems)
            if not is_new and declared == was and snapshot_of(application) == before:
                return application  # a second click, or what was typed and taken back
            application.saved_at = at
            application.revision += 1
            application.save()
            application.declared_majors.all().delete()
            DeclaredMajor.objects.bulk_create(
                DeclaredMajor(application=application, code=code, name=name) for code, name in declared.items()
            )
            if not (by_itself and _was_told(application, by, at)):
                moves.leave_trace(application, verb, by=by, at=at)
    except IntegrityError as clash:  # two clicks at once; everything else is judged above
        raise Refused(DUPLICATE) from clash
    return application


def _held(application: PilotApplication, by: Actor) -> PilotApplication:
    """The row as it is now, locked, while its school may change it. Raises Refused, or Locked."""
    try:
        fresh = moves.lock(application)
    except PilotApplication.DoesNotExist as gone:
        raise Locked(say("这份草稿已被删除，本页内容没有保存。")) from gone
    demand("pilots.application_file", by, fresh)
    if fresh.state not in EDITABLE:
        word = APPLICATION_BY_CITY.word(fresh.state)
        raise Locked(say("申报正在审核或已有结论，不能再修改（现在是“{state}”）。", state=word))
    return fresh


def _write(application: PilotApplication, values: ApplicationInput) -> None:
    application.level = values.level
    application.requested_count = values.requested_count
    application.teaching_staff = values.teaching_staff.strip()
    application.facilities = values.facilities.strip()
    application.machine_count = values.machine_count
    application.staff_digest = text_digest(application.teaching_staff)
    application.facilities_digest = text_digest(application.facilities)


def typed_facts(
    plan: PilotPlan, school: School, values: ApplicationInput, application: PilotApplication | None = None
) -> ApplicationFacts:
    """What the rules judge of what stands in a form, kept or not."""
    row = copy(application) if application is not None else PilotApplication(plan=plan, school=school)
    _write(row, values)
    return application_facts(row, _named(school, values.major_codes))


def _was_told(application: PilotApplication, by: Actor, at: datetime) -> bool:
    """Whether the story already says that this person is at work on it: a draft is saved every few seconds."""
    last = timeline_of(application).last()
    return (
        last is not None
        and last.verb in ("create", "update")
        and last.actor_id == by.user_id
        and at - last.at < ONE_SITTING
    )


def _named(school: School, codes: Sequence[str]) -> dict[str, str]:
    names = dict(school.majors.filter(code__in=codes).values_list("code", "name"))
    return {code: names.get(code, "") for code in dict.fromkeys(codes)}


def add_material(
    application: PilotApplication, upload: Any, *, by: Actor, at: datetime, slot: str = queries.MATERIAL
) -> Attachment:
    """Keep one file while the application may be changed: of 其他佐证材料, or in a `slot` that the plan asks for.

    Raises Refused.
    """
    _demand_open(application, by)
    if slot != queries.MATERIAL and slot not in {one.slot for one in application.plan.materials.all()}:
        raise Refused(say("本计划没有要求这项材料，请刷新后再上传。"))
    if queries.all_materials_of(application).filter(slot=slot).count() >= MOST_MATERIALS:
        raise Refused(say("其他佐证材料最多上传 {n} 个文件。", n=MOST_MATERIALS))
    return files.attach(application, slot, upload, by=by, at=at, kinds=MATERIAL_KINDS)


def remove_material(application: PilotApplication, attachment: Attachment, *, by: Actor, at: datetime) -> None:
    """Take one file away again. Raises Refused."""
    _demand_open(application, by)
    files.remove(attachment)


def discard_draft(application: PilotApplication, *, by: Actor, at: datetime) -> None:
    """Delete a draft that was never submitted, with its files; what was submitted once is withdrawn instead.

    The trace keeps what it said. Raises Refused.
    """
    with tx.write():
        fresh = _held(application, by)
        if fresh.state != ApplicationState.DRAFT or fresh.submission_count:
            raise Refused(say("只有从未提交过的草稿可以删除；提交过的申报请用“撤回”。"))
        moves.leave_trace(fresh, "discard", by=by, at=at, data=snapshot_of(fresh))
        for one in queries.all_materials_of(fresh):
            files.remove(one)
        fresh.delete()


def _demand_open(application: PilotApplication, by: Actor) -> None:
    with tx.write():
        _held(application, by)
