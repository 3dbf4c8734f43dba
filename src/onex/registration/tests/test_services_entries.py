"""Entering candidates: places, reasons, decisions, the last place, persons of two schools."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest

from onex.accounts.tests.factories import a_school, an_actor, an_evaluation_org, another_province
from onex.catalog.models import CertificateLevel, LevelMajor
from onex.common.actors import Role
from onex.common.queries import timeline_of
from onex.common.tests.at_once import at_once, told_apart
from onex.common.text import Refused
from onex.pilots.models import DeclaredMajor, PilotApplication, PlacesMove
from onex.pilots.queries import approved_application
from onex.pilots.rules import USING
from onex.pilots.tests.factories import NOON, a_certificate, a_level, a_plan, an_approved_application, an_old_code
from onex.registration import queries, services
from onex.registration.models import Entry, HeldLevel
from onex.registration.rules.entries import ENTRY_FLOW, EntryState
from onex.registration.tests.factories import (
    a_draft_plan,
    a_plan_level,
    a_student,
    an_entered,
    an_id_number,
    some_students,
)
from onex.venues import services as venues
from onex.venues.tests.factories import a_pilot_school, a_site, an_org_officer

pytestmark = pytest.mark.django_db


class Ready:
    """A school with places, a site and an open sitting."""

    def __init__(self, places: int = 80, machines: int = 70) -> None:
        self.school = a_pilot_school(places=places)
        self.officer = an_actor(Role.SCHOOL, self.school)
        self.site = a_site(self.school, machines=machines)
        self.level = a_plan_level()

    def enter(self, *students: Any, **values: Any) -> list[Entry]:
        where = {"by": self.officer, "at": NOON} | values
        site, level = where.pop("site", self.site), where.pop("level", self.level)
        return services.register(self.school, level, students, site, **where)

    def refused(self, *students: Any, **values: Any) -> list[str]:
        with pytest.raises(Refused) as refused:
            self.enter(*students, **values)
        return [str(reason) for reason in refused.value.reasons]

    @property
    def application(self) -> PilotApplication:
        found = approved_application(self.school, a_level(), 2026)
        assert found is not None
        return found


def another_level(number: int = 1) -> CertificateLevel:
    return a_level(number, a_certificate("102", "新媒体技术职业技能等级证书"))


def test_an_entry_takes_a_place_and_keeps_the_fee_of_the_day() -> None:
    ready = Ready()
    entries = ready.enter(*some_students(ready.school, 3))
    a_level_fee = entries[0].plan_level.level.fee_fen
    CertificateLevel.objects.filter(pk=a_level().pk).update(fee_fen=1)
    assert ready.application.used_count == 3
    assert {entry.fee_fen for entry in Entry.objects.all()} == {a_level_fee}
    assert [trace.verb for trace in timeline_of(entries[0])] == ["submit"]
    assert PlacesMove.objects.get(application=ready.application, kind="take").count == 3


def test_a_student_of_a_major_that_is_not_allowed_is_refused_by_name_and_nobody_is_entered() -> None:
    ready = Ready()
    good, bad = (
        a_student(ready.school),
        a_student(ready.school, name="李四", major_code="530302", major_name="大数据与会计"),
    )
    with pytest.raises(services.NotEligible) as refused:
        ready.enter(good, bad)
    assert [str(reason) for reason in refused.value.reasons] == [
        "李四：专业“大数据与会计（530302）”不在该证书该等级的对应专业之内"
    ]
    assert set(refused.value.by_student) == {bad.pk}
    assert not Entry.objects.exists()
    assert ready.application.used_count == 0


def test_declared_majors_narrow_the_mapped_ones() -> None:
    ready = Ready()
    DeclaredMajor.objects.create(application=ready.application, code="530605", name="市场营销")
    assert ready.refused(a_student(ready.school)) == ["张三：专业“电子商务（530701）”不在贵校试点申报的拟申报专业之内"]
    assert ready.enter(a_student(ready.school, major_code="530605", major_name="市场营销"))


def test_places_of_a_second_batch_are_used_when_the_first_is_empty() -> None:
    ready = Ready(places=2)
    second = a_plan(batch=2)
    an_approved_application(3, plan=second, officer=ready.officer, level=a_level())
    ready.enter(*some_students(ready.school, 4))
    used = PilotApplication.objects.filter(school=ready.school).order_by("plan__batch")
    assert list(used.values_list("used_count", flat=True)) == [2, 2]


def test_more_than_the_places_left_are_refused_with_the_number() -> None:
    ready = Ready(places=2)
    assert ready.refused(*some_students(ready.school, 3)) == ["选择了 3 人，该证书该等级只剩 2 个培训名额"]
    ready.enter(*some_students(ready.school, 2))
    assert ready.refused(a_student(ready.school)) == ["该证书该等级的培训名额已用完"]


def test_more_than_the_machines_of_all_slots_are_refused() -> None:
    ready = Ready(machines=31)
    type(ready.site).objects.get().rooms.filter(name="机房 302").update(machine_count=1)
    ready.enter(*some_students(ready.school, 3))
    assert ready.refused(*some_students(ready.school, 2)) == ["选择了 2 人，该考核站点本次统考只剩 1 个机位"]


def test_a_school_without_approval_is_told_that_alone() -> None:
    ready = Ready()
    stranger = a_school()
    with pytest.raises(Refused) as refused:
        services.register(
            stranger,
            ready.level,
            [a_student(stranger)],
            ready.site,
            by=an_actor(Role.SCHOOL, stranger),
            at=NOON,
        )
    assert [str(reason) for reason in refused.value.reasons] == ["贵校本年度没有审核通过的该证书该等级试点申报"]


def test_the_site_must_hold_the_level_and_be_active_and_near() -> None:
    ready = Ready()
    student = a_student(ready.school)
    far = a_site(a_pilot_school(province=another_province()))
    assert ready.refused(student, site=far) == ["该考核站点不在贵校所在省份"]
    ready.site.levels.clear()
    assert ready.refused(student) == ["该考核站点不承担该证书该等级的考核"]
    ready.site.levels.set([a_level()])
    venues.move_site(ready.site, "suspend", by=an_org_officer(), at=NOON, note="机房改造")
    ready.site.refresh_from_db()
    assert ready.refused(student) == ["该考核站点已停用"]


def test_nobody_is_entered_before_the_window_or_after_it_or_twice() -> None:
    ready = Ready()
    student = a_student(ready.school)
    level = ready.level
    assert "开始" in ready.refused(student, at=level.registration_opens_at - timedelta(seconds=1))[0]
    assert "截止" in ready.refused(student, at=level.registration_closes_at)[0]
    ready.enter(student)
    assert ready.refused(student) == ["张三：已报名该统考的该证书该等级"]


def test_closed_registration_takes_no_more() -> None:
    ready = Ready()
    services.move_plan_level(ready.level, "close", by=an_org_officer(), at=NOON, note="提前截止")
    assert ready.refused(a_student(ready.school)) == ["该统考的报名已截止"]


def test_both_certificates_in_one_sitting_clash_unless_both_slots_are_fixed_and_free() -> None:
    ready = Ready()
    other = another_level()
    a_pilot_school(other, school=ready.school)
    ready.site.levels.add(other)
    plan = a_draft_plan(a_level(), other)
    first, second = plan.slots.all()
    junior, media = (
        services.move_plan_level(plan.levels.get(level=level), "announce", by=an_org_officer(), at=NOON)
        for level in (a_level(), other)
    )
    student = a_student(ready.school)
    ready.enter(student, level=junior, slot=first)
    assert "考试时段冲突" in ready.refused(student, level=media)[0]
    assert "考试时段冲突" in ready.refused(student, level=media, slot=first)[0]
    assert ready.enter(student, level=media, slot=second)


def test_the_other_sittings_slot_is_no_slot_of_this_one() -> None:
    ready = Ready()
    foreign = a_draft_plan().slots.first()
    assert "所选考试时段不属于该统考" in ready.refused(a_student(ready.school), slot=foreign)


def test_who_holds_the_level_is_not_entered_again_until_it_is_revoked() -> None:
    ready = Ready()
    student = a_student(ready.school)
    entry = ready.enter(student)[0]
    services.record_held(entry, "X000000000000001")
    services.record_held(entry, "X000000000000001")
    assert HeldLevel.objects.count() == 1
    services.move_entry(entry, "cancel", by=ready.officer, at=NOON)
    assert ready.refused(student) == ["张三：已取得该证书该等级，不能重复报考"]
    assert services.drop_held("X000000000000001")
    assert not services.drop_held("X000000000000001")
    assert ready.enter(student)


def test_the_same_person_in_two_schools_is_entered_once() -> None:
    here, there = Ready(), a_pilot_school()
    mine = a_student(here.school, id_number=an_id_number(5))
    theirs = a_student(there, id_number=an_id_number(5))
    here.enter(mine)
    with pytest.raises(Refused, match="已报名该统考的该证书该等级"):
        services.register(there, here.level, [theirs], here.site, by=an_actor(Role.SCHOOL, there), at=NOON)


def test_a_student_of_another_school_is_not_ones_own() -> None:
    ready = Ready()
    assert "李四：不是贵校学生库中的学生" in ready.refused(a_student(a_school(), name="李四"))


def test_nobody_chosen_is_refused() -> None:
    assert Ready().refused() == ["请至少选择一名学生"]


def test_a_returned_entry_gives_its_place_back_and_may_be_made_again() -> None:
    ready = Ready(places=1)
    student = a_student(ready.school)
    entry = ready.enter(student)[0]
    with pytest.raises(Refused, match="请写明理由"):
        services.move_entry(entry, "return", by=an_org_officer(), at=NOON)
    returned = services.move_entry(entry, "return", by=an_org_officer(), at=NOON, note="姓名与身份证不一致")
    assert (returned.state, ready.application.used_count) == (EntryState.RETURNED, 0)
    assert ready.enter(student)
    assert ready.application.used_count == 1


def test_a_cancelled_entry_gives_its_place_back_only_before_the_deadline() -> None:
    ready = Ready()
    first, second = ready.enter(*some_students(ready.school, 2))
    services.move_entry(first, "cancel", by=ready.officer, at=NOON)
    assert ready.application.used_count == 1
    with pytest.raises(Refused, match="报名已截止"):
        services.move_entry(second, "cancel", by=ready.officer, at=ready.level.registration_closes_at)
    assert ready.application.used_count == 1
    assert sum(move.count for move in PlacesMove.objects.filter(kind__in=USING)) == 1


def test_many_are_accepted_at_once_all_or_none() -> None:
    entries = an_entered(3)
    officer = an_org_officer()
    services.move_entry(entries[1], "return", by=officer, at=NOON, note="重复")
    with pytest.raises(Refused, match="当前状态为“已退回”"):
        services.accept_entries(entries, by=officer, at=NOON)
    assert not Entry.objects.filter(state=EntryState.ACCEPTED).exists()
    assert services.accept_entries([entries[0], entries[2]], by=officer, at=NOON) == 2
    assert list(queries.accepted_entries(entries[0].plan_level, entries[0].site)) == sorted(
        Entry.objects.filter(state=EntryState.ACCEPTED), key=lambda entry: entry.student.student_no
    )


def test_only_its_school_cancels_and_only_its_organisation_decides() -> None:
    entry = an_entered(1)[0]
    with pytest.raises(Refused, match="无权办理"):
        services.move_entry(entry, "cancel", by=an_actor(Role.SCHOOL, a_school()), at=NOON)
    for actor in (
        an_actor(Role.SCHOOL, entry.student.school),
        an_org_officer(an_evaluation_org("999999998")),
        an_actor(Role.PROVINCE, entry.student.school.province),
    ):
        with pytest.raises(Refused, match="无权办理"):
            services.move_entry(entry, "accept", by=actor, at=NOON)


def test_every_move_from_every_state_is_in_the_table_or_refused() -> None:
    entries = iter(an_entered(len(EntryState) * len(ENTRY_FLOW.moves)))
    reviewer = an_org_officer()
    for state in EntryState:
        for step in ENTRY_FLOW.moves:
            entry = next(entries)
            Entry.objects.filter(pk=entry.pk).update(state=state)
            entry.refresh_from_db()
            by = reviewer if step.permit == "registration.entry_review" else an_actor(Role.SCHOOL, entry.student.school)
            if state in step.sources:
                assert services.move_entry(entry, step.name, by=by, at=NOON, note="理由").state == step.target
            else:
                with pytest.raises(Refused):
                    services.move_entry(entry, step.name, by=by, at=NOON, note="理由")


@pytest.mark.django_db(transaction=True)
def test_two_people_at_one_school_do_not_both_get_the_last_place() -> None:
    ready = Ready(places=1)
    students = some_students(ready.school, 2)
    done, refused = told_apart(at_once(*(partial(ready.enter, student) for student in students)))
    assert (len(done), len(refused)) == (1, 1)
    assert "名额" in str(refused[0])
    assert (Entry.objects.count(), ready.application.used_count) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_two_schools_entering_one_person_at_once_enter_them_once() -> None:
    here, there = Ready(), a_pilot_school()
    rows = [(school, a_student(school, id_number=an_id_number(5))) for school in (here.school, there)]
    works = [
        partial(services.register, school, here.level, [student], here.site, by=an_actor(Role.SCHOOL, school), at=NOON)
        for school, student in rows
    ]
    done, refused = told_apart(at_once(*works))
    assert (len(done), len(refused)) == (1, 1)
    assert Entry.objects.count() == 1


# --- majors: what was approved keeps its own, and old codes count as what became of them


def ended(code: str, on: date) -> None:
    LevelMajor.objects.filter(level=a_level(), major__code=code).update(until_on=on)


def test_a_mapping_that_ended_takes_nothing_from_a_whitelist_that_was_approved() -> None:
    ready = Ready()
    DeclaredMajor.objects.create(application=ready.application, code="530701", name="电子商务")
    ended("530701", NOON.date() - timedelta(days=100))
    assert ready.enter(a_student(ready.school))


def test_an_approval_without_majors_allows_those_of_its_day_and_those_of_today() -> None:
    ready = Ready()
    ended("530701", NOON.date() + timedelta(days=1))  # after the approval, before anybody looks again
    ended("530704", NOON.date() - timedelta(days=1))  # before it
    (grant,) = queries.grants_of(ready.school, ready.level)
    assert grant.codes == {"530701", "530605"}


def test_a_student_whose_roster_has_an_old_code_is_entered_for_what_became_of_it() -> None:
    ready = Ready()
    an_old_code("630801", "电子商务", "530701")
    student = a_student(ready.school, major_code="630801", major_name="电子商务")
    assert ready.enter(student)
    DeclaredMajor.objects.create(application=ready.application, code="530701", name="电子商务")
    assert ready.enter(a_student(ready.school, name="李四", major_code="630801", major_name="电子商务"))
    assert ready.refused(a_student(ready.school, name="王五", major_code="530605", major_name="市场营销"))
