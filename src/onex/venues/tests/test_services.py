"""Filing, deciding and suspending: what is on disk, what was traced, what was refused in which words."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile

from onex.accounts.tests.factories import a_school, an_actor, an_evaluation_org
from onex.common.actors import Role
from onex.common.queries import attachments_of, timeline_of
from onex.common.tests.at_once import at_once, told_apart
from onex.common.text import Refused
from onex.pilots.tests.factories import NOON, a_certificate, a_level
from onex.venues import services
from onex.venues.models import ExamSite, SiteApplication
from onex.venues.rules import (
    CHECKS_MISSING,
    DATA_EQUAL,
    FLOW,
    MATERIAL,
    SEAL_PRESENT,
    STAMPED_FORM,
    Checked,
    SiteState,
)
from onex.venues.tests.factories import (
    ROOMS,
    WORDS,
    a_filed_site_application,
    a_pdf,
    a_pilot_school,
    a_site,
    a_site_draft,
    an_org_officer,
    approved,
    looked_at,
)

pytestmark = pytest.mark.django_db


def test_a_school_without_an_approved_pilot_may_not_even_begin() -> None:
    school = a_school()
    with pytest.raises(Refused, match="试点申报通过后方可申报考核站点"):
        a_site_draft(school)
    assert not SiteApplication.objects.exists()


def test_submitting_without_the_stamped_form_is_refused_and_changes_nothing() -> None:
    application = a_site_draft()
    with pytest.raises(Refused, match="请上传盖章版申请表"):
        services.move_application(application, "submit", by=an_actor(Role.SCHOOL, application.school), at=NOON)
    application.refresh_from_db()
    assert (application.state, application.submitted_at) == (SiteState.DRAFT, None)


def test_other_materials_do_not_stand_for_the_stamped_form() -> None:
    application = a_site_draft()
    officer = an_actor(Role.SCHOOL, application.school)
    services.attach_file(application, MATERIAL, a_pdf(), by=officer, at=NOON)
    with pytest.raises(Refused, match="请上传盖章版申请表"):
        services.move_application(application, "submit", by=officer, at=NOON)


def test_returned_with_a_reason_then_submitted_again_then_approved() -> None:
    application, reviewer = a_filed_site_application(), an_org_officer()
    officer = an_actor(Role.SCHOOL, application.school)
    with pytest.raises(Refused, match="请写明理由"):
        services.move_application(application, "return", by=reviewer, at=NOON)
    returned = services.move_application(application, "return", by=reviewer, at=NOON, note="申请表没有盖章")
    services.attach_file(returned, STAMPED_FORM, a_pdf("盖章.pdf"), by=officer, at=NOON)
    again = services.move_application(returned, "submit", by=officer, at=NOON)
    assert approved(again, reviewer).state == SiteState.APPROVED
    told = [(trace.verb, trace.note) for trace in timeline_of(application) if trace.verb in ("return", "approve")]
    assert told == [("return", "申请表没有盖章"), ("approve", "")]


@pytest.mark.parametrize(
    ("ticks", "missing"),
    [
        ((), (SEAL_PRESENT, DATA_EQUAL)),
        ((SEAL_PRESENT,), (DATA_EQUAL,)),
        ((DATA_EQUAL,), (SEAL_PRESENT,)),
        (("anything",), (SEAL_PRESENT, DATA_EQUAL)),
    ],
)
def test_a_random_file_satisfies_nothing_silently(ticks: tuple[str, ...], missing: tuple[str, ...]) -> None:
    application = a_filed_site_application()
    with pytest.raises(Refused) as refused:
        services.move_application(
            application,
            "approve",
            by=an_org_officer(),
            at=NOON,
            checked=Checked(frozenset(ticks), application.submitted_at),
        )
    assert list(refused.value.reasons) == [CHECKS_MISSING[tick] for tick in missing]
    assert not ExamSite.objects.exists()


def test_what_the_reviewer_confirmed_is_kept_with_the_digest_of_the_file() -> None:
    application = a_filed_site_application()
    (form,) = attachments_of(application, STAMPED_FORM)
    approved(application)
    trace = timeline_of(application).get(verb="approve")
    assert trace.data == {"checked": [DATA_EQUAL, SEAL_PRESENT], "sha256": [form.sha256]}


def test_a_look_at_an_earlier_submission_does_not_stand_for_the_new_one() -> None:
    application = a_filed_site_application()
    seen, officer = looked_at(application), an_actor(Role.SCHOOL, application.school)
    services.move_application(application, "withdraw", by=officer, at=NOON)
    services.attach_file(application, STAMPED_FORM, a_pdf("另一份.pdf"), by=officer, at=NOON)
    later = NOON + timedelta(minutes=1)
    again = services.move_application(application, "submit", by=officer, at=later)
    with pytest.raises(Refused, match="重新核对盖章版申请表"):
        services.move_application(again, "approve", by=an_org_officer(), at=later, checked=seen)
    assert approved(again).state == SiteState.APPROVED


def test_approval_makes_the_site_with_its_rooms_and_levels() -> None:
    site = a_site()
    assert (site.name, site.address, site.is_active) == (WORDS["name"], WORDS["address"], True)
    assert list(site.rooms.values_list("name", "machine_count", "spare_count")) == [
        ("机房 301", 40, 4),
        ("机房 302", 30, 3),
    ]
    assert list(site.levels.all()) == [a_level()]
    assert [trace.verb for trace in timeline_of(site)] == ["open"]


def test_a_site_need_not_apply_again() -> None:
    site = a_site()
    with pytest.raises(Refused, match="贵校已是该评价组织的考核站点，不用重复申请"):
        a_site_draft(site.school)


def test_one_application_at_a_time() -> None:
    application = a_site_draft()
    with pytest.raises(Refused, match="已有一份考核站点申请"):
        a_site_draft(application.school)


def test_a_new_stamped_form_takes_the_place_of_the_old_one_on_disk_too(
    django_capture_on_commit_callbacks: Any,
) -> None:
    application = a_site_draft()
    officer = an_actor(Role.SCHOOL, application.school)
    old = services.attach_file(application, STAMPED_FORM, a_pdf("旧.pdf"), by=officer, at=NOON)
    with django_capture_on_commit_callbacks(execute=True):
        new = services.attach_file(application, STAMPED_FORM, a_pdf("新.pdf"), by=officer, at=NOON)
    assert list(attachments_of(application, STAMPED_FORM)) == [new]
    assert not default_storage.exists(old.stored_name)
    assert default_storage.exists(new.stored_name)


def test_a_file_of_another_kind_is_refused_whatever_its_name() -> None:
    application = a_site_draft()
    picture = SimpleUploadedFile("申请表.pdf", b"\x89PNG\r\n\x1a\n" + b"0" * 64)
    with pytest.raises(Refused, match="不是可接受的类型"):
        services.attach_file(application, STAMPED_FORM, picture, by=an_actor(Role.SCHOOL, application.school), at=NOON)
    assert not attachments_of(application).exists()


def test_while_it_is_reviewed_nothing_is_changed() -> None:
    application = a_filed_site_application()
    officer = an_actor(Role.SCHOOL, application.school)
    for change in (
        lambda: services.update_application(
            application, services.ApplicationInput(**WORDS), [a_level()], ROOMS, by=officer, at=NOON
        ),
        lambda: services.attach_file(application, MATERIAL, a_pdf(), by=officer, at=NOON),
        lambda: services.remove_file(application, attachments_of(application)[0], by=officer, at=NOON),
    ):
        with pytest.raises(Refused, match="不能再修改"):
            change()
    assert attachments_of(application, STAMPED_FORM).count() == 1


def test_a_withdrawn_application_is_a_draft_again() -> None:
    application = a_filed_site_application()
    officer = an_actor(Role.SCHOOL, application.school)
    assert services.move_application(application, "withdraw", by=officer, at=NOON).state == SiteState.DRAFT


def test_only_certificates_of_the_addressed_organisation_are_taken() -> None:
    school = a_pilot_school()
    foreign = a_certificate("900", "别家职业技能等级证书")
    type(foreign).objects.filter(pk=foreign.pk).update(issuer=an_evaluation_org("999999998"))
    with pytest.raises(Refused, match="考核证书应是申报对象颁发的证书"):
        services.create_application(
            school,
            an_evaluation_org(),
            services.ApplicationInput(**WORDS),
            [a_level(1, foreign)],
            ROOMS,
            by=an_actor(Role.SCHOOL, school),
            at=NOON,
        )
    assert not SiteApplication.objects.exists()


def test_every_move_from_every_state_is_in_the_table_or_refused() -> None:
    reviewer = an_org_officer()
    for state in SiteState:
        for step in FLOW.moves:
            application = a_filed_site_application()
            school_officer = an_actor(Role.SCHOOL, application.school)
            SiteApplication.objects.filter(pk=application.pk).update(state=state)
            application.refresh_from_db()
            by = reviewer if step.permit == "venues.application_review" else school_officer
            given: Any = {"by": by, "at": NOON, "note": "理由", "checked": looked_at(application)}
            if state in step.sources:
                moved = services.move_application(application, step.name, **given)
                assert moved.state == step.target
            else:
                with pytest.raises(Refused):
                    services.move_application(application, step.name, **given)


@pytest.mark.django_db(transaction=True)
def test_approving_twice_at_once_makes_one_site() -> None:
    application, reviewer = a_filed_site_application(), an_org_officer()
    approve = partial(approved, application, reviewer)
    done, refused = told_apart(at_once(approve, approve))
    assert (len(done), len(refused)) == (1, 1)
    assert ExamSite.objects.filter(application=application).count() == 1
