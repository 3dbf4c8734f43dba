"""A site does not apply again: it files a change, which takes effect when its organisation approves it."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from onex.accounts.tests.factories import a_school, an_actor, signed_in_as
from onex.common.actors import Role
from onex.common.queries import timeline_of
from onex.common.text import Refused
from onex.notices.models import Sending
from onex.pilots.tests.factories import NOON, a_level
from onex.sittings.tests.factories import an_arranged_session
from onex.venues import queries, services
from onex.venues.models import ExamSite, SiteApplication
from onex.venues.rules import STAMPED_FORM, Checked, RoomInput, SiteState
from onex.venues.tests.factories import ROOMS, WORDS, a_pdf, a_site, an_org_officer, approved

pytestmark = pytest.mark.django_db
MOVED = WORDS | {"address": "浦口区学府路 8 号", "contact_name": "吴芳", "contact_phone": "13900005678"}


@pytest.fixture(autouse=True)
def _this_year(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pages ask the clock; the factories' approvals are of 2026."""
    from onex.accounts import middleware

    monkeypatch.setattr(middleware, "now", lambda: NOON)


def a_change(site: ExamSite, **given: Any) -> SiteApplication:
    """Filed: another address and contact, one room larger, one gone, one new, one level more."""
    by = an_actor(Role.SCHOOL, site.school)
    change = services.create_change(site, by=by, at=NOON)
    rooms = given.get("rooms", (RoomInput("机房 301", 50, 5), RoomInput("机房 401", 20, 2)))
    levels = given.get("levels", [a_level(1), a_level(2)])
    services.update_application(change, services.ApplicationInput(**MOVED), levels, rooms, by=by, at=NOON)
    services.attach_file(change, STAMPED_FORM, a_pdf(), by=by, at=NOON)
    return services.move_application(change, "submit", by=by, at=NOON)


def rooms_of(site: ExamSite) -> list[tuple[str, int, int]]:
    return list(site.rooms.values_list("name", "machine_count", "spare_count"))


def test_a_change_begins_with_what_the_site_is_and_is_begun_once() -> None:
    site = a_site()
    by = an_actor(Role.SCHOOL, site.school)
    change = services.create_change(site, by=by, at=NOON)
    assert (change.changes, change.state, change.address) == (site, SiteState.DRAFT, site.address)
    assert change.description == WORDS["description"]
    assert queries.rooms_written(change) == list(ROOMS)
    assert queries.changes_of(change) == []
    assert services.create_change(site, by=by, at=NOON) == change


def test_a_change_of_nothing_is_refused() -> None:
    site = a_site()
    by = an_actor(Role.SCHOOL, site.school)
    change = services.create_change(site, by=by, at=NOON)
    services.attach_file(change, STAMPED_FORM, a_pdf(), by=by, at=NOON)
    with pytest.raises(Refused, match="与现有站点相同"):
        services.move_application(change, "submit", by=by, at=NOON)


def test_a_change_too_wants_its_stamped_form_and_both_ticks() -> None:
    site = a_site()
    by = an_actor(Role.SCHOOL, site.school)
    change = services.create_change(site, by=by, at=NOON)
    services.update_application(change, services.ApplicationInput(**MOVED), [a_level()], ROOMS, by=by, at=NOON)
    with pytest.raises(Refused, match="请上传盖章版申请表"):
        services.move_application(change, "submit", by=by, at=NOON)
    services.attach_file(change, STAMPED_FORM, a_pdf(), by=by, at=NOON)
    filed = services.move_application(change, "submit", by=by, at=NOON)
    with pytest.raises(Refused, match="刷新页面"):
        services.move_application(filed, "approve", by=an_org_officer(), at=NOON)
    with pytest.raises(Refused, match="请先打开盖章版申请表"):
        services.move_application(
            filed, "approve", by=an_org_officer(), at=NOON, checked=Checked(submitted_at=filed.submitted_at)
        )


def test_until_it_is_approved_the_site_stays_as_it_is() -> None:
    site = a_site()
    before = (site.address, rooms_of(site))
    change = a_change(site)
    services.move_application(change, "return", by=an_org_officer(), at=NOON, note="请补充机房说明")
    site.refresh_from_db()
    assert (site.address, rooms_of(site)) == before


def test_an_approved_change_makes_the_same_site_another() -> None:
    site = a_site()
    unit, until = site.unit, site.valid_until
    kept = site.rooms.get(name="机房 301").pk
    approved(a_change(site))
    (now,) = ExamSite.objects.filter(school=site.school)
    assert (now.pk, now.unit, now.valid_until) == (site.pk, unit, until)
    assert (now.address, now.contact_name, now.contact_phone) == (MOVED["address"], "吴芳", "13900005678")
    assert rooms_of(now) == [("机房 301", 50, 5), ("机房 401", 20, 2)]
    assert now.rooms.get(name="机房 301").pk == kept
    assert set(now.levels.all()) == {a_level(1), a_level(2)}
    data = timeline_of(site).get(verb="change").data
    assert {"what": "详细地址", "before": WORDS["address"], "after": MOVED["address"]} in data["changed"]
    assert {"what": "联系人姓名"} in data["changed"]
    assert Sending.objects.filter(code="venues.change_approved").count() == 1
    assert Sending.objects.filter(code="venues.application_approved").count() == 1  # of the site itself


def test_a_room_that_candidates_have_sat_in_stays_without_a_machine() -> None:
    session = an_arranged_session(2)
    site, used = session.site, {seat.room for seat in session.seats.all()}
    change = a_change(site, rooms=(RoomInput("新机房", 30),), levels=list(site.levels.all()))
    approved(change, an_org_officer(site.organisation))
    assert set(rooms_of(site)) == {("新机房", 30, 0), *((room.name, 0, 0) for room in used)}
    assert queries.seats_at_once(site) == 30
    again = services.create_change(site, by=an_actor(Role.SCHOOL, site.school), at=NOON)
    assert [room.name for room in again.rooms.all()] == ["新机房"]


def test_a_site_may_be_changed_again_and_again() -> None:
    site = a_site()
    approved(a_change(site))
    site.refresh_from_db()
    again = a_change(site, levels=[a_level(2)])
    assert [str(one.what) for one in queries.changes_of(again)] == ["考核证书"]
    approved(again)
    assert list(site.levels.all()) == [a_level(2)]


def test_another_school_and_the_organisation_file_no_changes() -> None:
    site = a_site()
    for actor in (an_actor(Role.SCHOOL, a_school()), an_org_officer()):
        with pytest.raises(Refused, match="无权办理"):
            services.create_change(site, by=actor, at=NOON)


def test_a_revoked_site_is_not_changed() -> None:
    site, officer = a_site(), an_org_officer()
    revoked = services.move_site(site, "revoke", by=officer, at=NOON, note="违规")
    with pytest.raises(Refused, match="该考核站点已撤销"):
        services.create_change(revoked, by=an_actor(Role.SCHOOL, site.school), at=NOON)
    assert not SiteApplication.objects.filter(changes=site).exists()


def test_a_change_under_way_asks_for_a_new_site_once_the_old_one_is_revoked() -> None:
    site, officer = a_site(), an_org_officer()
    change = a_change(site)
    services.move_site(site, "revoke", by=officer, at=NOON, note="违规")
    assert approved(change, officer).changes is None
    assert SiteApplication.objects.get(pk=change.pk).site.pk != site.pk
    site.refresh_from_db()
    assert (site.state, site.address) == ("revoked", WORDS["address"])
    assert [trace.verb for trace in timeline_of(change)][-2:] == ["become_new", "approve"]


def test_the_school_files_the_change_on_the_page_and_the_reviewer_sees_what_is_another() -> None:
    site = a_site()
    client = signed_in_as(Client(), an_actor(Role.SCHOOL, site.school))
    org = signed_in_as(Client(), an_org_officer())
    address = reverse("venues:site-change", args=[site.pk])
    assert address in client.get(reverse("venues:site-detail", args=[site.pk])).content.decode()
    assert address not in org.get(reverse("venues:site-detail", args=[site.pk])).content.decode()
    assert org.post(address).status_code == 403
    assert signed_in_as(Client(), an_actor(Role.SCHOOL, a_school())).post(address).status_code == 404
    answer = client.post(address)
    change = SiteApplication.objects.get(changes=site)
    assert answer["Location"] == reverse("venues:application-edit", args=[change.pk])
    assert "这是对已设站点的变更申请" in client.get(answer["Location"]).content.decode()
    filed = a_change(site)
    page = org.get(reverse("venues:application-detail", args=[filed.pk])).content.decode()
    for word in ("变更内容", WORDS["address"], MOVED["address"], "机房 401(20+2)"):
        assert word in page
    assert MOVED["contact_phone"] not in page
    assert WORDS["contact_phone"] not in page
    assert client.post(address)["Location"] == reverse("venues:application-detail", args=[filed.pk])
