"""The pages of certificates: the public check in every case, issuing, the list, revoking; wrong and stale input."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
import python_calamine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.translation import override
from pypdf import PdfReader

from onex.accounts.tests.factories import a_school, an_actor, an_evaluation_org, signed_in_as
from onex.certificates import services, signing
from onex.certificates.models import Certificate
from onex.certificates.rules import certificate_number
from onex.common.actors import Role
from onex.marking.tests.factories import AFTER
from onex.registration.models import Student
from onex.results.tests.factories import a_computed_release, a_released
from onex.venues.tests.factories import an_org_officer

pytestmark = pytest.mark.django_db(databases=["default", "room"])


def issued(number: int = 1) -> list[Certificate]:
    services.issue_due(a_released(number), by=an_org_officer(), at=AFTER)
    return list(Certificate.objects.all())


def ask(client: Client, number: str, name: str) -> Any:
    return client.get(reverse("certificates:verify"), {"number": number, "name": name})


def at(name: str, certificate: Certificate, *more: str) -> str:
    return reverse(f"certificates:{name}", args=[certificate.pk, *more])


# --- the public check


def test_the_empty_page_asks_for_both_and_claims_nothing(client: Client) -> None:
    answer = client.get(reverse("certificates:verify"))
    page = answer.content.decode()
    assert answer.status_code == 200
    assert 'name="number"' in page
    assert "ox-verdict" not in page
    assert "X-Robots-Tag" not in answer


@pytest.mark.parametrize(
    "asked", [{"number": "", "name": ""}, {"number": "X1"}, {"name": "张三"}, {"number": "X1", "name": " "}]
)
def test_an_incomplete_question_is_told_beside_its_field_and_what_was_typed_stays(
    client: Client, asked: dict[str, str]
) -> None:
    answer = client.get(reverse("certificates:verify"), asked)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "has-error" in page
    assert "ox-verdict" not in page
    for value in filter(str.strip, asked.values()):
        assert f'value="{value}"' in page


@pytest.mark.parametrize("number", ["X1", "１２３", "<script>", "X" * 41, "\x00X"])
@pytest.mark.parametrize("name", ["张三", "\x00", "张" * 31])
def test_strange_input_is_answered_in_words(client: Client, number: str, name: str) -> None:
    answer = ask(client, number, name)
    assert answer.status_code in (404, 422)
    assert "<script>" not in answer.content.decode()


def test_no_answer_about_a_person_is_kept_anywhere(client: Client) -> None:
    (certificate,) = issued()
    token = signing.token_for(certificate.number)
    answers = [
        ask(client, certificate.number, certificate.name),
        ask(client, certificate.number, "王五"),
        client.get(reverse("certificates:verify-qr", args=[token])),
        client.get(reverse("certificates:verify-qr", args=["X.k1.forged"])),
    ]
    for answer in answers:
        assert "no-store" in answer["Cache-Control"]
        assert answer["X-Robots-Tag"].startswith("noindex")
        assert '<meta name="robots" content="noindex' in answer.content.decode()
        assert answer["Referrer-Policy"] == "same-origin"


def test_an_unknown_number_and_a_wrong_name_take_the_same_way(client: Client) -> None:
    (certificate,) = issued()
    unknown = certificate_number("101", 1, "32", 2026, 42)
    asked = [(unknown, certificate.name), (certificate.number, "王五"), (unknown, "王五"), ("X123", certificate.name)]
    taken = []
    for number, name in asked:
        with CaptureQueriesContext(connection) as captured:
            assert ask(client, number, name).status_code == 404
        taken.append([re.sub(r"'[^']*'|%s", "?", query["sql"]) for query in captured])
    assert all(way == taken[0] for way in taken)


def test_the_answer_names_the_state_the_time_and_the_address_to_share(client: Client) -> None:
    (certificate,) = issued()
    page = ask(client, certificate.number, certificate.name).content.decode()
    assert "查验时间" in page
    assert re.search(r'data-copy="http://testserver/verify/\?number=X\d{21}', page)
    facts = dict(re.findall(r"<dt>([^<]+)</dt><dd[^>]*>(?:<span[^>]*>.*?</svg>)?([^<]+)<", page))
    assert facts["当前状态"] == "有效"
    assert facts["证书编号"] == certificate.number


def test_only_reading_is_answered(client: Client) -> None:
    assert client.post(reverse("certificates:verify"), {"number": "X", "name": "x"}).status_code == 405
    assert client.post(reverse("certificates:verify-qr", args=["x"])).status_code == 405


def test_an_employer_who_reads_english_gets_the_same_facts(client: Client) -> None:
    (certificate,) = issued()
    client.cookies["django_language"] = "en"
    page = ask(client, certificate.number, certificate.name).content.decode()
    assert "This certificate is genuine and valid" in page
    for fact in ("name", "certificate", "level", "school", "organisation"):
        assert certificate.facts[fact] in page


# --- issuing


def test_what_is_signed_and_printed_is_chinese_whoever_issues_it() -> None:
    with override("en"):
        (certificate,) = issued()
    assert certificate.facts["level"] == "初级"
    assert certificate.facts["gender"] in ("男", "女")


def test_the_longest_name_and_school_fit_on_one_page(client: Client) -> None:
    release = a_released(1)
    long_name, long_school = (
        "古丽努尔·阿卜杜克热木·麦麦提依明江·赛买提阿吉·吐尔"[:30],
        "内蒙古自治区呼伦贝尔市额尔古纳民族职业技术教育中心" * 2,
    )
    student = Student.objects.get()
    Student.objects.filter(pk=student.pk).update(name=long_name)
    type(student.school).objects.filter(pk=student.school_id).update(name=long_school[:50])
    services.issue_due(release, by=an_org_officer(), at=AFTER)
    certificate = Certificate.objects.get()
    signed_in_as(client, an_org_officer())
    pages = PdfReader(io.BytesIO(client.get(at("certificate-paper", certificate)).content)).pages
    assert len(pages) == 1
    assert long_name in "".join(pages[0].extract_text().split())


def test_a_name_that_no_font_has_is_refused_in_words_and_nothing_is_traced(client: Client) -> None:
    (certificate,) = issued()
    Certificate.objects.filter(pk=certificate.pk).update(facts={**certificate.facts, "name": "张\U0002b740"})
    signed_in_as(client, an_org_officer())
    answer = client.get(at("certificate-paper", certificate))
    assert answer.status_code == 409
    assert "\U0002b740" in answer.content.decode()
    told = client.get(at("certificate-detail", certificate)).content.decode()
    assert "下载打印" not in told


def test_issuing_by_the_form_leads_to_the_list_and_twice_is_refused_in_words(client: Client) -> None:
    release = a_released(2)
    signed_in_as(client, an_org_officer())
    address = reverse("certificates:release-issue", args=[release.pk])
    page = client.get(reverse("certificates:release-list")).content.decode()
    assert "签发 2 张" in page
    answer = client.post(address, follow=True)
    assert "已签发 2 张证书。" in answer.content.decode()
    assert address not in client.get(reverse("certificates:release-list")).content.decode()
    again = client.post(address)
    assert again.status_code == 409
    assert "没有待签发的证书" in again.content.decode()


def test_results_that_are_not_released_are_not_there_to_issue(client: Client) -> None:
    release = a_computed_release(1)
    signed_in_as(client, an_org_officer())
    assert client.post(reverse("certificates:release-issue", args=[release.pk])).status_code == 404
    assert not Certificate.objects.exists()


# --- the list and the record


def test_the_list_is_narrowed_and_exported_with_masked_id_numbers(client: Client) -> None:
    first, second = issued(2)
    services.revoke(first, by=an_org_officer(), at=AFTER, note="证书事项有误")
    signed_in_as(client, an_org_officer())
    address = reverse("certificates:certificate-list")
    page = client.get(address, {"state": "revoked"}).content.decode()
    assert first.number in page
    assert second.number not in page
    rows = (
        python_calamine.CalamineWorkbook.from_filelike(
            io.BytesIO(client.get(reverse("certificates:certificate-export"), {"state": "issued"}).content)
        )
        .get_sheet_by_index(0)
        .to_python()
    )
    assert len(rows) == 2
    assert second.number in rows[1]
    assert second.id_number not in str(rows)
    assert client.get(address, {"q": "\x00", "state": "x", "sort": "-name", "page": "0"}).status_code == 200


def test_revoking_needs_a_reason_that_everybody_then_reads(client: Client) -> None:
    (certificate,) = issued()
    signed_in_as(client, an_org_officer())
    answer = client.post(at("certificate-move", certificate, "revoke"), {"note": "  "})
    assert answer.status_code == 409
    assert "请写明理由" in answer.content.decode()
    assert (
        client.post(at("certificate-move", certificate, "revoke"), {"note": "考试作弊，经查属实。"}).status_code == 302
    )
    page = client.get(at("certificate-detail", certificate)).content.decode()
    assert "考试作弊，经查属实。" in page
    assert "下载证书 PDF" not in page
    stale = client.post(at("certificate-move", certificate, "revoke"), {"note": "再撤一次"})
    assert stale.status_code == 409
    assert "页面可能已过期" in stale.content.decode()
    paper = client.get(at("certificate-paper", certificate))
    assert paper.status_code == 409
    assert "不能打印" in paper.content.decode()


def test_a_move_nobody_has_is_refused(client: Client) -> None:
    (certificate,) = issued()
    signed_in_as(client, an_org_officer())
    assert client.post(at("certificate-move", certificate, "print")).status_code == 409
    assert Certificate.objects.get().state == "issued"


def test_a_fact_that_was_tampered_with_is_told_to_the_organisation_too(client: Client) -> None:
    (certificate,) = issued()
    Certificate.objects.filter(pk=certificate.pk).update(facts={**certificate.facts, "theory": "100.0 "})
    signed_in_as(client, an_org_officer())
    assert "签名不符" in client.get(at("certificate-detail", certificate)).content.decode()


def test_the_timeline_names_what_was_done(client: Client) -> None:
    (certificate,) = issued()
    signed_in_as(client, an_org_officer())
    client.get(at("certificate-paper", certificate))
    client.post(at("certificate-move", certificate, "revoke"), {"note": "证书事项有误，另行签发。"})
    page = client.get(at("certificate-detail", certificate)).content.decode()
    assert set(re.findall(r'ox-timeline-what">([^<]+)<', page)) == {"签发证书", "下载打印", "撤销证书"}


@pytest.mark.parametrize("role", [Role.TEACHER, Role.ASSESSOR, Role.AUTHOR])
def test_nobody_else_has_pages_of_certificates(client: Client, role: Role) -> None:
    signed_in_as(client, an_actor(role, a_school()))
    assert client.get(reverse("certificates:certificate-list")).status_code == 403


def test_another_organisation_finds_nothing(client: Client) -> None:
    (certificate,) = issued()
    signed_in_as(client, an_org_officer(an_evaluation_org("A12345678")))
    assert certificate.number not in client.get(reverse("certificates:certificate-list")).content.decode()
    for name in ("certificate-detail", "certificate-paper"):
        assert client.get(at(name, certificate)).status_code == 404


def cost(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


def test_pages_cost_the_same_with_three_certificates_and_with_thirty(client: Client) -> None:
    names = ("certificate-list", "certificate-export", "release-list")
    costs: dict[str, list[int]] = {name: [] for name in names}
    signed_in_as(client, an_org_officer())
    for number in (3, 30):
        issued(number)
        for name in names:
            costs[name].append(cost(client, reverse(f"certificates:{name}")))
    assert {name: few == many for name, (few, many) in costs.items()} == dict.fromkeys(names, True)
