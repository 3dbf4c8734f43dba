"""Named writes: filing and deciding site applications, suspending sites."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError

from onex.accounts.models import EvaluationOrg, School
from onex.accounts.services import open_site_unit
from onex.catalog.models import CertificateLevel
from onex.common import files, moves, tx
from onex.common.actors import Actor
from onex.common.models import Attachment
from onex.common.permits import demand
from onex.common.queries import attachments_of
from onex.common.text import Refused, say
from onex.venues import queries
from onex.venues.models import ApplicationRoom, ExamSite, SiteApplication, SiteRoom
from onex.venues.rules import (
    EDITABLE,
    FILE_KINDS,
    FLOW,
    SLOTS,
    STAMPED_FORM,
    RoomInput,
    problems_on_apply,
)

MOST_MATERIALS = 10
OPEN_ALREADY = say("贵校已有一份考核站点申请正在填写或审核，请在原申请中修改。")


@dataclass(frozen=True)
class ApplicationInput:
    """The guide's form, as far as it is filled in."""

    name: str = ""
    region: str = ""
    address: str = ""
    contact_name: str = ""
    contact_phone: str = ""
    contact_email: str = ""
    description: str = ""


def create_application(
    school: School,
    organisation: EvaluationOrg,
    values: ApplicationInput,
    levels: Sequence[CertificateLevel],
    rooms: Sequence[RoomInput],
    *,
    by: Actor,
    at: datetime,
) -> SiteApplication:
    """A new draft, addressed to one organisation.

    Raises Refused when the school may not apply to it at all, or has an application under way.
    """
    demand("venues.application_create", by, school)
    problems = problems_on_apply(queries.is_pilot_for(school, organisation, at), queries.is_site(school, organisation))
    if problems:
        raise Refused(*problems)
    if queries.open_application(school, organisation) is not None:
        raise Refused(OPEN_ALREADY)
    try:
        with tx.write():
            application = SiteApplication.objects.create(school=school, organisation=organisation, **asdict(values))
            _keep_parts(application, levels, rooms)
            moves.leave_trace(application, "create", by=by, at=at, to_state=application.state)
    except IntegrityError as clash:  # two clicks at once; everything else is judged above
        raise Refused(OPEN_ALREADY) from clash
    return application


def update_application(
    application: SiteApplication,
    values: ApplicationInput,
    levels: Sequence[CertificateLevel],
    rooms: Sequence[RoomInput],
    *,
    by: Actor,
    at: datetime,
) -> SiteApplication:
    """Change a draft or a returned application. Raises Refused while it is being reviewed."""
    with tx.write():
        application = _locked_for_change(application, by)
        for name, value in asdict(values).items():
            setattr(application, name, value)
        application.save()
        _keep_parts(application, levels, rooms)
        moves.leave_trace(application, "update", by=by, at=at, to_state=application.state)
    return application


def _locked_for_change(application: SiteApplication, by: Actor) -> SiteApplication:
    demand("venues.application_file", by, application)
    application = moves.lock(application)
    if application.state not in EDITABLE:
        raise Refused(say("申请正在审核或已经通过，不能再修改。"))
    return application


def _keep_parts(application: SiteApplication, levels: Sequence[CertificateLevel], rooms: Sequence[RoomInput]) -> None:
    known = set(queries.levels_of(application.organisation).values_list("pk", flat=True))
    if any(level.pk not in known for level in levels):
        raise Refused(say("考核证书应是申报对象颁发的证书"))
    application.levels.set(levels)
    application.rooms.all().delete()
    ApplicationRoom.objects.bulk_create(ApplicationRoom(application=application, **asdict(room)) for room in rooms)


def attach_file(application: SiteApplication, slot: str, upload: Any, *, by: Actor, at: datetime) -> Attachment:
    """Keep a file in a named place. The stamped form is one file: a new one takes the place of the old.

    Raises Refused for an unknown place, a wrong kind of file, too many files, and while the application is reviewed.
    """
    if slot not in SLOTS:
        raise Refused(say("没有这个上传位置"))
    files.check(upload, FILE_KINDS)  # parsing and scanning take their time outside the transaction
    with tx.write():
        application = _locked_for_change(application, by)
        before = list(attachments_of(application, slot))
        if slot != STAMPED_FORM and len(before) >= MOST_MATERIALS:
            raise Refused(say("其他材料最多上传 {n} 个文件", n=MOST_MATERIALS))
        kept = files.attach(application, slot, upload, by=by, at=at, kinds=FILE_KINDS)
        for old in before if slot == STAMPED_FORM else ():
            files.remove(old)
        moves.leave_trace(application, "attach", by=by, at=at, data={"slot": slot, "sha256": kept.sha256})
    return kept


def remove_file(application: SiteApplication, attachment: Attachment, *, by: Actor, at: datetime) -> None:
    """Take a file away again. Raises Refused while the application is reviewed."""
    with tx.write():
        application = _locked_for_change(application, by)
        moves.leave_trace(application, "detach", by=by, at=at, note=attachment.original_name)
        files.remove(attachment)


def move_application(
    application: SiteApplication, move: str, *, by: Actor, at: datetime, note: str = ""
) -> SiteApplication:
    """Make one move of the table; approving makes the site and its rooms in the same transaction.

    Raises Refused with every reason.
    """
    with tx.write():
        moved = moves.move(
            FLOW,
            application,
            move,
            by=by,
            at=at,
            note=note,
            facts=lambda row: queries.facts_of(row, at),
            sets={"submitted_at": at} if move == "submit" else None,
        )
        if move == "approve":
            _make_site(moved, by=by, at=at)
    return moved


def _make_site(application: SiteApplication, *, by: Actor, at: datetime) -> ExamSite:
    site = ExamSite.objects.create(
        unit=open_site_unit(application.name, application.school),
        application=application,
        school=application.school,
        organisation=application.organisation,
        name=application.name,
        region=application.region,
        address=application.address,
        contact_name=application.contact_name,
        contact_phone=application.contact_phone,
        contact_email=application.contact_email,
    )
    site.levels.set(application.levels.all())
    SiteRoom.objects.bulk_create(
        SiteRoom(site=site, name=room.name, machine_count=room.machine_count, spare_count=room.spare_count)
        for room in application.rooms.all()
    )
    moves.leave_trace(site, "open", by=by, at=at)
    return site


def set_site_active(site: ExamSite, is_active: bool, *, by: Actor, at: datetime, note: str) -> ExamSite:
    """Suspend a site or take it up again; a suspended one takes no new candidates.

    Raises Refused without a reason.
    """
    demand("venues.site_manage", by, site)
    if not note.strip():
        raise Refused(say("请写明理由"))
    with tx.write():
        changed = ExamSite.objects.filter(pk=site.pk, is_active=not is_active).update(is_active=is_active)
        if changed:
            moves.leave_trace(site, "restore" if is_active else "suspend", by=by, at=at, note=note)
    site.refresh_from_db()
    return site


def note_print(application: SiteApplication, *, by: Actor, at: datetime) -> None:
    """The form shows the contact's whole number, so its print is traced."""
    with tx.write():
        moves.leave_trace(application, "print", by=by, at=at)
