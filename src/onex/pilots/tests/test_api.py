"""The API of pilots: what programs of each hat read and file, and what other systems are told of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from onex.accounts.tests.factories import (
    a_city,
    a_province,
    a_school,
    an_actor,
    an_evaluation_org,
    an_operator,
    another_province,
)
from onex.common.actors import Actor, Role
from onex.common.clock import now
from onex.common.models import Trace
from onex.integrations.models import ApiRequest, WebhookDelivery
from onex.integrations.rules import EVENTS
from onex.integrations.tests.factories import a_token, an_endpoint, headers
from onex.pilots import services
from onex.pilots.models import FieldRemark, PilotApplication, PilotPlan, PlanMaterial, PlanTotal
from onex.pilots.services.told import tell_of_application
from onex.pilots.tests.factories import (
    NOON,
    a_draft,
    a_filed_application,
    a_level,
    a_plan,
    a_province_officer,
    a_school_officer,
    an_approved_application,
)

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
APPLICATIONS = "/api/v1/pilot-applications"


@pytest.fixture
def plan() -> PilotPlan:
    return a_plan(year=now().year, opens_at=min(now(), NOON) - DAY, closes_at=now() + 9 * DAY)


@pytest.fixture
def officer() -> Actor:
    return a_school_officer()


class Program:
    """A system of an organisation, with a token of this hat."""

    def __init__(self, actor: Actor, scopes: list[str] | None = None) -> None:
        _, text = a_token(actor, scopes)
        self.sent = headers(text)

    def get(self, url: str, **asked: Any) -> Any:
        return Client().get(url, asked, headers=self.sent)

    def send(self, url: str, body: Any = None, *, method: str = "post", **more: str) -> Any:
        call: Callable[..., Any] = getattr(Client(), method)
        sent = {**self.sent, **{name.replace("_", "-"): value for name, value in more.items()}}
        return call(url, body if body is not None else {}, content_type="application/json", headers=sent)


def filled(plan: PilotPlan, **more: Any) -> dict[str, Any]:
    return {
        "plan": str(plan.pk), "level": str(a_level().pk), "requested_count": 60, "major_codes": ["530701"],
        "teaching_staff": "专任教师 12 人", "facilities": "机房 3 间", "machine_count": 150,
    } | more  # fmt: skip


def test_a_schools_system_files_corrects_submits_and_withdraws(plan: PilotPlan, officer: Actor) -> None:
    program = Program(officer)
    made = program.send(APPLICATIONS, filled(plan))
    assert made.status_code == 201
    row = made.json()
    assert (row["state"], row["requested_count"], row["approved_count"]) == ("draft", 60, None)
    assert row["declared_majors"] == [{"code": "530701", "name": "电子商务"}]
    here = f"{APPLICATIONS}/{row['id']}"
    without_plan = {name: value for name, value in filled(plan, requested_count=40).items() if name != "plan"}
    assert program.send(here, without_plan, method="put").json()["requested_count"] == 40
    submitted = program.send(f"{here}/submit")
    assert submitted.json()["state"] == "province_review"
    again = program.send(f"{here}/submit")
    assert again.status_code == 409
    assert "当前状态为“待省级审核”" in again.json()["reasons"][0]
    assert program.send(here, without_plan, method="put").status_code == 409
    assert program.send(f"{here}/withdraw").json()["state"] == "withdrawn"
    acts = [one["act"] for one in program.get(here).json()["timeline"]]
    assert acts == ["create", "update", "submit", "withdraw"]
    trace = Trace.objects.filter(verb="submit", subject_id=row["id"]).get()
    assert "〔接口：财务系统〕" in trace.actor_label
    assert Trace.objects.filter(verb="api_write").count() == 6


def test_a_program_that_read_an_older_revision_changes_submits_and_withdraws_nothing(
    plan: PilotPlan, officer: Actor
) -> None:
    program = Program(officer)
    read = program.send(APPLICATIONS, filled(plan)).json()
    here, old = f"{APPLICATIONS}/{read['id']}", f'"{read["revision"]}"'
    body = {name: value for name, value in filled(plan, requested_count=40).items() if name != "plan"}
    changed = program.send(here, body, method="put", if_match=old).json()
    assert changed["revision"] > read["revision"]
    late = program.send(here, body | {"requested_count": 50}, method="put", if_match=old)
    assert late.status_code == 412
    assert "重新读取" in late.json()["reasons"][0]
    assert program.send(f"{here}/submit", if_match=old).status_code == 412
    kept = program.get(here).json()
    assert (kept["state"], kept["requested_count"]) == ("draft", 40)
    submitted = program.send(f"{here}/submit", if_match=f'"{kept["revision"]}"').json()
    assert submitted["state"] == "province_review"
    assert program.send(f"{here}/withdraw", if_match=f'"{kept["revision"]}"').status_code == 412
    assert program.send(f"{here}/withdraw", if_match=f'"{submitted["revision"]}"').json()["state"] == "withdrawn"
    assert program.send(here, body, method="put", if_match="3").status_code == 422  # not in quotation marks


def test_a_plan_tells_a_program_what_the_province_asks_and_its_limits_only_to_the_province(
    plan: PilotPlan, officer: Actor
) -> None:
    plan.notes, plan.reviews_until = "请按校统一编号。", plan.closes_at + DAY
    plan.save()
    PlanTotal.objects.create(plan=plan, certificate=None, total=900)
    PlanMaterial.objects.create(plan=plan, name="专业目录", position=1)
    here = f"/api/v1/pilot-plans/{plan.pk}"
    mine, theirs = Program(officer).get(here).json(), Program(a_province_officer(plan)).get(here).json()
    for read in (mine, theirs):
        assert read["notes"] == "请按校统一编号。"
        assert read["materials"] == [{"name": "专业目录", "is_required": True}]
    assert (mine["totals"], mine["reviews_until"]) == ([], None)
    assert theirs["totals"] == [{"certificate_code": None, "total": 900}]
    assert theirs["reviews_until"] is not None


def test_what_is_missing_is_said_in_sentences_in_the_language_asked_for(plan: PilotPlan, officer: Actor) -> None:
    program = Program(officer)
    draft = {"plan": str(plan.pk), "level": str(a_level().pk)}
    pk = program.send(APPLICATIONS, draft).json()["id"]
    answer = program.send(f"{APPLICATIONS}/{pk}/submit")
    assert answer.status_code == 409
    assert answer["Content-Type"] == "application/problem+json"
    assert {"请填写师资情况。", "请填写场地情况。"} <= set(answer.json()["reasons"])
    english = program.send(f"{APPLICATIONS}/{pk}/submit", accept_language="en").json()
    assert english["title"] == "This cannot be done now"
    assert not any("\u4e00" <= one <= "\u9fff" for one in "".join(english["reasons"]))


@pytest.mark.parametrize(
    ("values", "status", "sentence"),
    [
        ({"level": "01890a5d-ac96-774b-bcce-b302099a8057"}, 422, "没有这个证书级别"),
        ({"plan": "01890a5d-ac96-774b-bcce-b302099a8057"}, 404, "没有这条记录"),
        ({"major_codes": ["999999"]}, 409, "不是该证书这一等级的对应专业"),
        ({"requested_count": -1}, 422, "requested_count"),
        ({"requested_count": 10**12}, 422, "requested_count"),
        ({"facilities": "a\x00b"}, 422, "facilities"),
        ({"facilities": "x" * 4_001}, 422, "facilities"),
        ({"plan": "nothing"}, 422, "plan"),
    ],
)
def test_what_is_wrong_is_refused_and_leaves_nothing(
    plan: PilotPlan, officer: Actor, values: dict[str, Any], status: int, sentence: str
) -> None:
    answer = Program(officer).send(APPLICATIONS, filled(plan) | values, idempotency_key="k1")
    assert answer.status_code == status
    assert sentence in " ".join(answer.json()["reasons"])
    assert not PilotApplication.objects.exists()
    assert not ApiRequest.objects.exists()  # the mended request may carry the same key


def test_a_body_that_is_no_json_is_a_problem_too(officer: Actor) -> None:
    program = Program(officer)
    answer = Client().post(APPLICATIONS, "{", content_type="application/json", headers=program.sent)
    assert answer.status_code == 400
    assert answer.json()["title"] == "请求读不懂"
    nowhere = Client().get("/api/v1/nowhere", headers=program.sent)
    assert (nowhere.status_code, nowhere["Content-Type"]) == (404, "application/problem+json")


def test_sent_twice_with_one_key_makes_one_application(plan: PilotPlan, officer: Actor) -> None:
    program = Program(officer)
    first = program.send(APPLICATIONS, filled(plan), idempotency_key="2026-1")
    again = program.send(APPLICATIONS, filled(plan), idempotency_key="2026-1")
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json()["id"] == again.json()["id"]
    assert again["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first
    other = program.send(APPLICATIONS, filled(plan, requested_count=1), idempotency_key="2026-1")
    assert other.status_code == 422
    assert "已用于另一个请求" in other.json()["reasons"][0]
    assert PilotApplication.objects.count() == 1
    assert program.send(APPLICATIONS, filled(plan)).status_code == 409  # without a key it is a second one
    another = Program(officer)  # keys are each token's own
    assert another.send(APPLICATIONS, filled(plan), idempotency_key="2026-1").status_code == 409


def test_abuse_01_another_schools_application_is_not_there(plan: PilotPlan, officer: Actor) -> None:
    foreign = a_filed_application(plan, a_school_officer())
    program = Program(officer)
    here = f"{APPLICATIONS}/{foreign.pk}"
    body = {name: value for name, value in filled(plan).items() if name != "plan"}
    assert program.get(here).status_code == 404
    assert program.get(f"{here}/places").status_code == 404
    assert program.send(here, body, method="put").status_code == 404
    assert program.send(f"{here}/submit").status_code == 404
    assert program.send(f"{here}/withdraw").status_code == 404
    assert program.get(APPLICATIONS).json()["items"] == []
    assert program.get(APPLICATIONS, school=str(foreign.school_id)).json()["items"] == []
    missing = program.get(f"{APPLICATIONS}/01890a5d-ac96-774b-bcce-b302099a8057")
    assert missing.content == program.get(here).content  # foreign and missing look the same
    assert Trace.objects.filter(verb="denied", subject_id=foreign.pk).count() == 6


def test_each_hat_reads_what_its_pages_show(plan: PilotPlan, officer: Actor) -> None:
    draft = a_draft(plan, officer)
    filed = a_filed_application(plan, a_school_officer())
    granted = an_approved_application(plan=plan)
    for actor, expected in (
        (officer, {draft}),
        (a_province_officer(plan), {filed, granted}),
        (an_actor(Role.PROVINCE, another_province()), set()),
        (an_actor(Role.ORG, an_evaluation_org()), {granted}),
        (an_actor(Role.OPERATOR, an_operator()), {filed, granted}),
    ):
        items = Program(actor).get(APPLICATIONS).json()["items"]
        assert {UUID(one["id"]) for one in items} == {row.pk for row in expected}, actor.role


def test_a_long_list_is_read_in_pages_and_nothing_twice(plan: PilotPlan) -> None:
    made = [a_filed_application(plan, a_school_officer()) for _ in range(5)]
    program = Program(a_province_officer(plan))
    found, after = [], None
    for _ in range(4):
        page = program.get(APPLICATIONS, limit=2, **({"after": after} if after else {})).json()
        found += [one["id"] for one in page["items"]]
        after = page["next"]
        if after is None:
            break
    assert found == [str(row.pk) for row in made]
    assert program.get(APPLICATIONS, limit=201).status_code == 422


def test_a_program_asks_for_what_changed_since(plan: PilotPlan) -> None:
    filed = a_filed_application(plan, a_school_officer())
    granted = an_approved_application(plan=plan)
    program = Program(a_province_officer(plan))
    later = NOON + DAY
    assert program.get(APPLICATIONS, updated_since=(now() + DAY).isoformat()).json()["items"] == []
    assert len(program.get(APPLICATIONS, updated_since="0001-01-01T00:00:00+08:00").json()["items"]) == 2
    PilotApplication.objects.update(saved_at=NOON, created_at=NOON)
    services.take_places(granted, 3, subject=granted, by=a_school_officer(), at=later)
    (one,) = program.get(APPLICATIONS, updated_since=later.isoformat()).json()["items"]
    assert (one["id"], one["used_count"]) == (str(granted.pk), 3)
    services.move_application(filed, "return", by=a_province_officer(plan), at=later + DAY, note="请补充师资情况")
    (one,) = program.get(APPLICATIONS, updated_since=(later + DAY).isoformat()).json()["items"]
    assert (one["id"], one["state"]) == (str(filed.pk), "returned")
    for name, value, count in (
        ("state", "returned", 1), ("state", "approved", 1), ("year", plan.year, 2), ("batch", 9, 0),
        ("level", str(a_level().pk), 2), ("plan", str(plan.pk), 2), ("school", str(filed.school_id), 1),
    ):  # fmt: skip
        assert len(program.get(APPLICATIONS, **{name: value}).json()["items"]) == count, name
    assert program.get(APPLICATIONS, state="lost").status_code == 422


def test_one_application_tells_its_remarks_and_its_places(plan: PilotPlan) -> None:
    granted = an_approved_application(plan=plan, approved_count=50)
    FieldRemark.objects.create(
        application=granted, submission=1, field="facilities", text="请写明机位数", actor_label="省厅", at=NOON
    )
    services.take_places(granted, 3, subject=granted, by=a_school_officer(), at=NOON, reason="考试报名")
    program = Program(a_province_officer(plan))
    told = program.get(f"{APPLICATIONS}/{granted.pk}").json()
    assert [(one["field"], one["text"]) for one in told["remarks"]] == [("facilities", "请写明机位数")]
    assert told["timeline"][-1]["label"] == "通过"
    places = program.get(f"{APPLICATIONS}/{granted.pk}/places").json()
    assert (places["approved"], places["used"], places["left"]) == (50, 3, 47)
    assert [(one["kind"], one["count"]) for one in places["items"]] == [("grant", 50), ("take", 3)]
    assert "subject_label" not in str(places)


def test_a_plan_tells_what_may_be_applied_for(plan: PilotPlan, officer: Actor) -> None:
    a_level(1), a_level(2)
    a_plan("draft", batch=2)
    program = Program(officer)
    (one,) = program.get("/api/v1/pilot-plans").json()["items"]
    assert (one["id"], one["phase"], one["all_certificates"], one["certificates"]) == (str(plan.pk), "open", True, [])
    levels = program.get(f"/api/v1/pilot-plans/{plan.pk}").json()["levels"]
    assert [level["level"] for level in levels] == [1, 2]
    assert program.get("/api/v1/pilot-plans", phase="closed").json()["items"] == []


@pytest.mark.parametrize("path", [APPLICATIONS, "/api/v1/pilot-plans"])
def test_a_list_costs_as_many_queries_with_three_rows_as_with_thirty(
    plan: PilotPlan, path: str, django_assert_max_num_queries: Any
) -> None:
    program = Program(a_province_officer(plan))
    program.get(path)  # the first use of a minute is written down
    asked: list[int] = []
    for count in (3, 27):
        for n in range(count):
            a_filed_application(plan, a_school_officer())
            a_plan(province=plan.province, year=2030 + len(asked), batch=n + 1)
        with django_assert_max_num_queries(30) as queries:
            assert len(program.get(path, limit=200).json()["items"]) >= count
        asked.append(len(queries))
    assert asked[0] == asked[1]


# --- what other systems are told


def told_to(actor: Actor) -> list[str]:
    rows = WebhookDelivery.objects.filter(endpoint__organisation_id=actor.organisation_id).order_by("created_at", "pk")
    return [row.event.removeprefix("pilots.") for row in rows]


def test_who_sees_an_application_is_told_what_happens_to_it(plan: PilotPlan, settings: Any) -> None:
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
    PilotPlan.objects.filter(pk=plan.pk).update(requires_city_approval=True)
    plan.refresh_from_db()
    school, province, city = a_school_officer(), a_province_officer(plan), an_actor(Role.CITY, a_city())
    org, operator = an_actor(Role.ORG, an_evaluation_org()), an_actor(Role.OPERATOR, an_operator())
    strangers = [a_school_officer(), an_actor(Role.PROVINCE, another_province())]
    for actor in (school, province, org, operator, *strangers):
        an_endpoint(actor, events=list(EVENTS))
    row = a_filed_application(plan, school)
    services.move_application(row, "pass", by=city, at=NOON)
    services.move_application(row, "return", by=province, at=NOON, note="请补充师资情况")
    services.move_application(row, "submit", by=school, at=NOON)
    services.move_application(row, "pass", by=city, at=NOON)
    granted = services.move_application(row, "approve", by=province, at=NOON, approved_count=80)
    told = [f"application.{word}" for word in ("submitted", "passed", "returned", "submitted", "passed", "approved")]
    assert told_to(school) == told_to(province) == told_to(operator) == told
    assert told_to(org) == ["application.approved"]  # it sees what was granted for its own certificates
    assert [told_to(one) for one in strangers] == [[], []]
    facts = WebhookDelivery.objects.filter(event="pilots.application.approved").first().facts
    assert (facts["application"], facts["state"], facts["approved_count"]) == (str(row.pk), "approved", 80)
    assert "请补充师资情况" not in str(list(WebhookDelivery.objects.values_list("facts", flat=True)))
    tell_of_application(granted, "adjust", at=NOON)
    assert told_to(org)[-1] == "application.adjusted"


def test_a_draft_that_is_withdrawn_is_its_schools_own_news(plan: PilotPlan, settings: Any) -> None:
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
    school, province = a_school_officer(), a_province_officer(plan)
    for actor in (school, province):
        an_endpoint(actor, events=list(EVENTS))
    services.move_application(a_draft(plan, school), "withdraw", by=school, at=NOON)
    assert (told_to(school), told_to(province)) == (["application.withdrawn"], [])


def test_a_provinces_schools_and_who_trains_are_told_of_its_plans(settings: Any) -> None:
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
    province = an_actor(Role.PROVINCE, a_province())
    school, org = a_school_officer(), an_actor(Role.ORG, an_evaluation_org())
    stranger = a_school_officer(a_school(province=another_province()))
    for actor in (province, school, org, stranger):
        an_endpoint(actor, events=list(EVENTS))
    first, second = (a_plan("draft", batch=n, opens_at=NOON + DAY) for n in (1, 2))
    services.move_plan(first, "publish", by=province, at=NOON)
    services.move_plan(first, "cancel", by=province, at=NOON, note="内容有误")
    services.move_plan(second, "cancel", by=province, at=NOON, note="不再需要")  # nobody has seen it
    for actor in (province, school, org):
        assert told_to(actor) == ["plan.published", "plan.cancelled"]
    assert told_to(stranger) == []
