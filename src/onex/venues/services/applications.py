"""Named writes: filing and deciding site applications."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError
from django.db.models import ProtectedError
from django.utils.timezone import localdate

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
    NOTHING_CHECKED,
    SLOTS,
    STAMPED_FORM,
    Checked,
    Difference,
    RoomInput,
    Standing,
    a_year_after,
    problems_on_apply,
    problems_on_change,
)
from onex.venues.services.notifying import notify_of_application

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


def create_change(site: ExamSite, *, by: Actor, at: datetime) -> SiteApplication:
    """A draft that changes a site, filled in with what the site now is; what is under way comes back as it is.

    Raises Refused when the site may not be changed, or another application to its organisation is under way.
    """
    school, organisation = site.school, site.organisation
    demand("venues.application_create", by, school)
    problems = problems_on_change(queries.is_pilot_for(school, organisation, at), site.state == Standing.REVOKED)
    if problems:
        raise Refused(*problems)
    begun = queries.open_application(school, organisation)
    if begun is not None and begun.changes_id == site.pk:
        return begun
    if begun is not None:
        raise Refused(OPEN_ALREADY)
    words = {name: getattr(site, name) for name in queries.WORDS_OF_A_SITE}
    try:
        with tx.write():
            application = SiteApplication.objects.create(
                school=school,
                organisation=organisation,
                changes=site,
                description=queries.description_of(site),
                **words,
            )
            _keep_parts(application, list(site.levels.all()), queries.rooms_written(site))
            moves.leave_trace(application, "create_change", by=by, at=at, to_state=application.state)
    except IntegrityError as clash:
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
    application: SiteApplication,
    move: str,
    *,
    by: Actor,
    at: datetime,
    note: str = "",
    checked: Checked = NOTHING_CHECKED,
) -> SiteApplication:
    """Make one move of the table; approving makes the site and its rooms in the same transaction.

    `checked` is what the reviewer confirmed of the stamped form; it is kept in the trace of the approval together with
    the digest of the file that was looked at. Raises Refused with every reason.
    """
    with tx.write():
        moved = moves.move(
            FLOW,
            application,
            move,
            by=by,
            at=at,
            note=note,
            facts=lambda row: queries.facts_of(row, at, checked),
            sets={"submitted_at": at} if move == "submit" else None,
            data=_looked_at(application, checked) if move == "approve" else None,
        )
        site = _carry_out(moved, by=by, at=at) if move == "approve" else None
        notify_of_application(moved, move, site, by=by, at=at, note=note)
    return moved


def _looked_at(application: SiteApplication, checked: Checked) -> dict[str, Any]:
    forms = attachments_of(application, STAMPED_FORM).values_list("sha256", flat=True)
    return {"checked": sorted(checked.ticks), "sha256": list(forms)}


def _carry_out(application: SiteApplication, *, by: Actor, at: datetime) -> ExamSite:
    if application.changes is None:
        return _make_site(application, by=by, at=at)
    return _change_site(application, application.changes, by=by, at=at)


def _change_site(application: SiteApplication, site: ExamSite, *, by: Actor, at: datetime) -> ExamSite:
    site = moves.lock(site)
    changed = [_kept(one) for one in queries.changes_of(application)]
    for name in queries.WORDS_OF_A_SITE:
        setattr(site, name, getattr(application, name))
    site.save()
    site.levels.set(application.levels.all())
    _change_rooms(site, queries.rooms_written(application))
    moves.leave_trace(site, "change", by=by, at=at, data={"application": application.pk, "changed": changed})
    return site


def _kept(one: Difference) -> dict[str, str]:
    """For the trace: what was and what is; of the contact only that it changed, for a trace outlives the person."""
    about_a_person = one.what.msgid.startswith("联系人")
    return {"what": one.what.msgid, **({} if about_a_person else {"before": one.before, "after": one.after})}


def _change_rooms(site: ExamSite, rooms: Sequence[RoomInput]) -> None:
    """Rooms are known by their names. One that candidates have sat in cannot go: it stays with no machine."""
    for gone in site.rooms.exclude(name__in=[room.name for room in rooms]):
        try:
            gone.delete()
        except ProtectedError:
            site.rooms.filter(pk=gone.pk).update(machine_count=0, spare_count=0)
    for room in rooms:
        if not site.rooms.filter(name=room.name).update(**asdict(room)):
            SiteRoom.objects.create(site=site, **asdict(room))


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
        valid_until=a_year_after(localdate(at)),
    )
    site.levels.set(application.levels.all())
    rooms = queries.rooms_written(application)
    SiteRoom.objects.bulk_create(SiteRoom(site=site, **asdict(room)) for room in rooms)
    moves.leave_trace(site, "open", by=by, at=at)
    return site


def note_print(application: SiteApplication, *, by: Actor, at: datetime, as_word: bool = False) -> None:
    """The form shows the contact's whole number, so its print is traced."""
    with tx.write():
        moves.leave_trace(application, "print_word" if as_word else "print", by=by, at=at)
