"""The approving province changes what it granted: between used and asked, within its totals, on a fresh screen."""

from __future__ import annotations

from contextlib import suppress

import pytest
from django.urls import reverse
from django.utils import timezone

from onex.accounts.tests.factories import a_city, an_actor, an_evaluation_org, another_province, signed_in_as
from onex.common.actors import SYSTEM, Role
from onex.common.queries import timeline_of
from onex.common.tests.at_once import at_once, told_apart
from onex.common.text import Refused
from onex.pilots import queries, services
from onex.pilots.models import PilotApplication, PlacesMove, PlanTotal
from onex.pilots.rules import GRANTING, PlacesKind
from onex.pilots.tests.factories import (
    DAY,
    NOON,
    a_level,
    a_plan,
    a_province_officer,
    a_school_officer,
    an_approved_application,
    filled,
)

pytestmark = pytest.mark.django_db


def adjust(row: PilotApplication, count: int | None, by=None, at=NOON, note="机房减少一间", **more) -> PilotApplication:
    return services.adjust_places(row, count, by=by or a_province_officer(row.plan), at=at, note=note, **more)


def use(row: PilotApplication, count: int) -> PlacesMove:
    return services.take_places(row, count, subject=row.school, by=SYSTEM, at=NOON)


def granted(row: PilotApplication) -> int:
    return sum(row.places_moves.filter(kind__in=GRANTING).values_list("count", flat=True))


def test_an_adjustment_is_a_line_of_the_ledger_and_a_trace_with_its_reason() -> None:
    row = an_approved_application(80, requested_count=100)
    for count in (60, 95):
        row = adjust(row, count)
        assert (row.approved_count, granted(row)) == (count, count)
    assert [line.count for line in row.places_moves.filter(kind=PlacesKind.ADJUST)] == [-20, 35]
    trace = timeline_of(row).filter(verb="adjust").last()
    assert (trace.note, trace.data) == ("机房减少一间", {"before": 60, "approved_count": 95, "used_count": 0})


def test_fewer_than_are_used_and_more_than_were_asked_for_are_refused() -> None:
    row = an_approved_application(80, requested_count=100)
    use(row, 30)
    for count, sentence in ((29, "已使用 30 个名额，批准人数不能少于此数"), (101, "不能超过申请的 100 人")):
        with pytest.raises(Refused, match=sentence):
            adjust(row, count)
    row = adjust(row, 30)
    assert (row.approved_count, row.left_count) == (30, 0)


@pytest.mark.parametrize("count", [None, 0, -1, -(2**31), 2**31, 10**12])
def test_abuse_26_numbers_that_are_none_change_nothing(count: int | None) -> None:
    row = an_approved_application(80)
    with pytest.raises(Refused):
        adjust(row, count)
    row.refresh_from_db()
    assert (row.approved_count, granted(row)) == (80, 80)


def test_an_adjustment_without_a_reason_is_refused() -> None:
    with pytest.raises(Refused, match="请写明调整的理由"):
        adjust(an_approved_application(80), 60, note=" ")


def test_nobody_but_the_approving_province_adjusts() -> None:
    row = an_approved_application(80)
    others = [
        an_actor(Role.PROVINCE, another_province()),
        an_actor(Role.SCHOOL, row.school),
        an_actor(Role.CITY, a_city()),
        an_actor(Role.ORG, an_evaluation_org()),
        an_actor(Role.OPERATOR, an_evaluation_org()),
        SYSTEM,
    ]
    for actor in others:
        for act in (services.adjust_places, services.rehearse_adjust):
            with pytest.raises(Refused, match="无权办理：调整批准人数"):
                act(row, 60, by=actor, at=NOON, note="越权")
    row.refresh_from_db()
    assert row.approved_count == 80


def test_a_screen_that_is_older_than_the_last_change_is_refused() -> None:
    row = an_approved_application(80)
    seen = row.revision
    adjust(row, 70, revision=seen)
    with pytest.raises(Refused, match="在您打开页面之后有了变动，请刷新"):
        adjust(row, 60, revision=seen)


def test_places_taken_meanwhile_do_not_make_the_screen_stale_but_are_never_cut_off() -> None:
    row = an_approved_application(80)
    seen = row.revision
    use(row, 75)
    with pytest.raises(Refused, match="已使用 75 个名额"):
        adjust(row, 70, revision=seen)
    assert adjust(row, 76, revision=seen).approved_count == 76


def test_more_places_must_fit_into_the_totals_of_the_plan_and_fewer_always_do() -> None:
    plan = a_plan()
    row = an_approved_application(40, plan=plan, requested_count=100)
    an_approved_application(50, plan=plan, requested_count=100, level=a_level(2))
    total = PlanTotal.objects.create(plan=plan, total=100)
    with pytest.raises(Refused, match="超过本计划的名额总量 100：已批准 50，还可批准 50"):
        adjust(row, 51)
    assert adjust(row, 50).approved_count == 50
    PlanTotal.objects.filter(pk=total.pk).update(total=10)
    assert adjust(row, 45).approved_count == 45


def test_what_lapsed_is_not_adjusted() -> None:
    row = an_approved_application(80)
    for _ in range(2):
        with pytest.raises(Refused, match="已随年度结束失效，不能再调整"):
            adjust(row, 60, at=NOON + 60 * DAY)
        services.expire_places(at=NOON + 60 * DAY)


def test_a_rehearsal_tells_the_effect_and_changes_nothing() -> None:
    row = an_approved_application(80, requested_count=100)
    use(row, 30)
    effect = services.rehearse_adjust(row, 60, by=a_province_officer(row.plan), at=NOON, note="预览")
    assert (effect.before, effect.after, effect.difference, effect.left_before, effect.left_after) == (
        80, 60, -20, 50, 30,
    )  # fmt: skip
    row.refresh_from_db()
    assert row.approved_count == 80


@pytest.mark.django_db(transaction=True)
def test_adjusting_and_taking_at_once_never_leave_more_used_than_approved() -> None:
    row = an_approved_application(80, requested_count=100)
    officer = a_province_officer(row.plan)

    def keep_taking() -> int:
        got = 0
        for _ in range(15):
            with suppress(Refused):
                use(row, 2)
                got += 2
        return got

    def keep_adjusting() -> int:
        for count in (60, 90, 40, 70, 20, 50, 30):
            with suppress(Refused):
                services.adjust_places(row, count, by=officer, at=NOON, note="核减")
        return 0

    got, _ = told_apart(at_once(*[keep_taking] * 5, keep_adjusting, keep_adjusting))
    row.refresh_from_db()
    assert 0 <= row.used_count <= row.approved_count
    assert row.used_count == sum(got)
    assert granted(row) == row.approved_count


@pytest.mark.django_db(transaction=True)
def test_two_adjustments_at_once_do_not_both_fit_into_one_total() -> None:
    plan = a_plan()
    rows = [an_approved_application(40, plan=plan, requested_count=100, level=a_level(n)) for n in (1, 2)]
    PlanTotal.objects.create(plan=plan, total=100)
    officer = a_province_officer(plan)
    works = [lambda row=row: services.adjust_places(row, 60, by=officer, at=NOON, note="增加") for row in rows]
    done, refused = told_apart(at_once(*works))
    assert (len(done), len(refused)) == (1, 1)
    assert sum(PilotApplication.objects.values_list("approved_count", flat=True)) == 100


# --- the pages


@pytest.fixture
def row() -> PilotApplication:
    """Pages live in the present."""
    now = timezone.now()
    plan = a_plan(year=timezone.localtime(now).year, opens_at=now - DAY, closes_at=now + DAY)
    officer = a_school_officer()
    row = services.create_application(plan, filled(requested_count=100), by=officer, at=now)
    row = services.move_application(row, "submit", by=officer, at=now)
    return services.move_application(
        row, "approve", by=a_province_officer(plan), at=now, note="按机房核定", approved_count=80
    )


def form(row: PilotApplication, **changes) -> dict:
    return {"approved_count": "60", "note": "机房减少一间", "revision": str(row.revision)} | changes


def test_the_record_asks_the_preview_answers_and_the_confirmation_does(client, row) -> None:
    signed_in_as(client, a_province_officer(row.plan))
    record = client.get(reverse("pilots:application-detail", args=[row.pk])).content.decode()
    url = reverse("pilots:places-adjust", args=[row.pk])
    assert f'action="{url}"' in record
    assert "不能转给其他证书等级或批次" in record
    preview = client.post(url, form(row)).content.decode()
    assert "确认调整为 60 人" in preview
    row.refresh_from_db()
    assert row.approved_count == 80
    assert client.post(url, form(row, then="confirm")).status_code == 302
    row.refresh_from_db()
    assert row.approved_count == 60
    page = client.get(reverse("pilots:application-detail", args=[row.pk])).content.decode()
    assert "调整批准人数，80 → 60 人" in page


def test_a_stale_preview_is_refused_on_its_page_with_what_was_typed(client, row) -> None:
    signed_in_as(client, a_province_officer(row.plan))
    url = reverse("pilots:places-adjust", args=[row.pk])
    old = form(row, note="第二个人的理由", then="confirm")
    client.post(url, form(row, approved_count="70", then="confirm"))
    answer = client.post(url, old)
    assert answer.status_code == 409
    assert "请刷新后核对现在的人数" in answer.content.decode()
    assert "第二个人的理由" in answer.content.decode()
    row.refresh_from_db()
    assert row.approved_count == 70


@pytest.mark.parametrize(
    ("changes", "status", "sentence"),
    [
        ({"approved_count": ""}, 422, "请填写调整后的批准人数，至少 1 人。"),
        ({"approved_count": "-3"}, 422, "请填写调整后的批准人数，至少 1 人。"),
        ({"approved_count": "六十"}, 422, "批准人数请填写整数。"),
        ({"approved_count": "9" * 30}, 422, "批准人数过大，请核对。"),
        ({"approved_count": "60.5"}, 422, "批准人数请填写整数。"),
        ({"note": ""}, 422, "请写明调整的理由，院校会看到。"),
        ({"approved_count": "101"}, 409, "批准培训总人数不能超过申请的 100 人。"),
        ({"approved_count": "80"}, 409, "批准人数没有变化，仍是 80 人。"),
    ],
)
def test_abuse_26_what_cannot_be_granted_is_said_beside_the_form(client, row, changes, status, sentence) -> None:
    signed_in_as(client, a_province_officer(row.plan))
    answer = client.post(reverse("pilots:places-adjust", args=[row.pk]), form(row, then="confirm", **changes))
    assert (answer.status_code, sentence in answer.content.decode()) == (status, True)
    row.refresh_from_db()
    assert row.approved_count == 80


def test_abuse_02_another_province_finds_no_such_page_and_a_school_none_at_all(client, row) -> None:
    url = reverse("pilots:places-adjust", args=[row.pk])
    signed_in_as(client, an_actor(Role.PROVINCE, another_province()))
    assert client.post(url, form(row, then="confirm")).status_code == 404
    signed_in_as(client, an_actor(Role.SCHOOL, row.school))
    assert client.post(url, form(row, then="confirm")).status_code == 403
    assert "adjust-count" not in client.get(reverse("pilots:application-detail", args=[row.pk])).content.decode()
    row.refresh_from_db()
    assert row.approved_count == 80


def test_fields_that_are_not_on_the_form_change_nothing(client, row) -> None:
    signed_in_as(client, a_province_officer(row.plan))
    extra = {"used_count": "50", "requested_count": "9999", "state": "draft", "level": str(a_level(2).pk)}
    client.post(reverse("pilots:places-adjust", args=[row.pk]), form(row, then="confirm", **extra))
    fresh = queries.places_to_adjust(a_province_officer(row.plan)).get(pk=row.pk)
    assert (fresh.approved_count, fresh.used_count, fresh.requested_count, fresh.state, fresh.level) == (
        60, 0, 100, "approved", row.level,
    )  # fmt: skip
