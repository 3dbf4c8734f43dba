"""Issue, print, verify, revoke."""

from __future__ import annotations

import io
import re
from urllib.parse import quote

import pytest
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader

from onex.accounts.tests.factories import a_school, an_actor, an_evaluation_org, signed_in_as
from onex.certificates import printing, queries, services, signing
from onex.certificates.models import Certificate
from onex.certificates.rules import certificate_number, day_of, signed_words
from onex.common.actors import Role
from onex.common.tests.at_once import at_once, told_apart
from onex.common.text import Refused
from onex.marking.tests.factories import AFTER
from onex.registration.models import HeldLevel
from onex.results.tests.factories import a_computed_release, a_released
from onex.venues.tests.factories import an_org_officer

pytestmark = pytest.mark.django_db(databases=["default", "room"])


def issued(number: int = 1) -> list[Certificate]:
    services.issue_due(a_released(number), by=an_org_officer(), at=AFTER)
    return list(Certificate.objects.all())


def test_every_pass_gets_one_certificate_and_a_second_run_none() -> None:
    release = a_released(3, absent=1)
    assert services.issue_due(release, by=an_org_officer(), at=AFTER) == 2
    with pytest.raises(Refused, match="没有待签发的证书"):
        services.issue_due(release, by=an_org_officer(), at=AFTER)
    assert Certificate.objects.count() == HeldLevel.objects.count() == 2


def test_nothing_is_issued_before_the_release() -> None:
    with pytest.raises(Refused, match="成绩发布之后"):
        services.issue_due(a_computed_release(1), by=an_org_officer(), at=AFTER)


def test_another_organisation_issues_nothing_here() -> None:
    with pytest.raises(Refused, match="无权办理"):
        services.issue_due(a_released(1), by=an_org_officer(an_evaluation_org("A12345678")), at=AFTER)


def test_the_paper_shows_every_fact_and_the_full_id_number() -> None:
    (certificate,) = issued()
    text = PdfReader(io.BytesIO(printing.papers([certificate]))).pages[0].extract_text()
    text = "".join(text.split())
    for fact in (
        "name",
        "gender",
        "certificate",
        "level",
        "theory",
        "practical",
        "organisation",
        "school",
    ):
        assert str(certificate.facts[fact]).replace(" ", "") in text, fact
    assert str(day_of(certificate.facts["issued_on"])) in text
    assert certificate.number in text
    assert certificate.id_number in text


def ask(client: Client, number: str, name: str):
    return client.get(reverse("certificates:verify"), {"number": number, "name": name})


def test_the_public_page_shows_every_fact_of_the_paper_with_the_id_masked(client: Client) -> None:
    (certificate,) = issued()
    answer = ask(client, certificate.number.lower(), certificate.name)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "证书真实有效" in page
    shown = {**certificate.facts, "issued_on": str(day_of(certificate.facts["issued_on"]))}
    for fact in shown.values():
        assert f">{fact}</dd>" in page
    assert certificate.id_number not in page


def test_an_unknown_number_and_a_wrong_name_get_the_same_answer(client: Client) -> None:
    (certificate,) = issued()
    unknown = certificate_number("101", 1, "32", 2026, 42)
    pages = []
    for number, name in ((unknown, certificate.name), (certificate.number, "王五")):
        answer = ask(client, number, name)
        assert answer.status_code == 404
        body = answer.content.decode()
        body = re.sub(r"(csrfmiddlewaretoken|CSRFToken)[^>]*>", "", body)  # random on every page
        pages.append(body.replace(number, "").replace(name, "").replace(quote(name), ""))
    assert pages[0] == pages[1]


def test_the_code_on_the_paper_verifies_and_a_forged_one_does_not(client: Client) -> None:
    (certificate,) = issued()
    token = signing.token_for(certificate.number)
    assert "证书真实有效" in client.get(reverse("certificates:verify-qr", args=[token])).content.decode()
    number, key_id, signature = token.split(".")
    other = certificate_number("101", 1, "32", 2026, 1)
    flipped = ("A" if signature[0] != "A" else "B") + signature[1:]
    for forged in (f"{other}.{key_id}.{signature}", f"{number}.{key_id}.{flipped}", f"{number}.k9.{signature}", number):
        assert client.get(reverse("certificates:verify-qr", args=[forged])).status_code == 404


def test_a_fact_changed_in_the_database_is_noticed(client: Client) -> None:
    (certificate,) = issued()
    Certificate.objects.filter(pk=certificate.pk).update(facts={**certificate.facts, "level": "高级"})
    assert "签名不符" in ask(client, certificate.number, certificate.name).content.decode()


def test_a_signature_for_the_code_is_not_one_for_the_facts() -> None:
    (certificate,) = issued()
    _, key_id, signature = signing.token_for(certificate.number).split(".")
    assert not signing.verifies(signed_words(certificate.facts), key_id, signature)


def test_a_revoked_certificate_says_so_and_frees_the_level(client: Client) -> None:
    (certificate,) = issued()
    with pytest.raises(Refused, match="请写明理由"):
        services.revoke(certificate, by=an_org_officer(), at=AFTER, note="")
    services.revoke(certificate, by=an_org_officer(), at=AFTER, note="考试作弊，经查属实")
    page = ask(client, certificate.number, certificate.name).content.decode()
    assert "证书已撤销" in page
    assert "证书真实有效" not in page
    assert not HeldLevel.objects.exists()


def test_a_school_prints_its_own_and_sees_nobody_elses(client: Client) -> None:
    (certificate,) = issued()
    school = certificate.result.entry.student.school
    signed_in_as(client, an_actor(Role.SCHOOL, school))
    paper = client.get(reverse("certificates:certificate-paper", args=[certificate.pk]))
    assert paper.status_code == 200
    assert paper.content.startswith(b"%PDF")
    assert paper["Content-Disposition"].startswith("attachment")
    signed_in_as(client, an_actor(Role.SCHOOL, a_school()))
    for name in ("certificate-detail", "certificate-paper"):
        assert client.get(reverse(f"certificates:{name}", args=[certificate.pk])).status_code == 404


def test_a_school_does_not_revoke(client: Client) -> None:
    (certificate,) = issued()
    signed_in_as(client, an_actor(Role.SCHOOL, certificate.result.entry.student.school))
    answer = client.post(reverse("certificates:certificate-move", args=[certificate.pk, "revoke"]), {"note": "x"})
    assert answer.status_code == 409
    assert Certificate.objects.get().state == "issued"


@pytest.mark.django_db(transaction=True, databases=["default", "room"])
def test_two_people_issuing_at_once_leave_one_certificate_each() -> None:
    release, officer = a_released(2), an_org_officer()
    done, _ = told_apart(at_once(*[lambda: services.issue_due(release, by=officer, at=AFTER)] * 2))
    assert sum(done) == 2
    assert Certificate.objects.count() == 2


def test_queries_find_by_part_of_name_or_number() -> None:
    (certificate,) = issued()
    officer = an_org_officer()
    assert list(queries.certificates_seen_by(officer, certificate.number[3:12])) == [certificate]
    assert list(queries.certificates_seen_by(officer, certificate.name[:1])) == [certificate]
    assert not queries.certificates_seen_by(officer, "查无此人").exists()
