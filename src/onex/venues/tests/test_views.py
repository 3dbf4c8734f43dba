"""The pages by plain forms: the school files, the organisation decides, others get 404 or 403."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pypdf
import pytest
from defusedxml import ElementTree
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from onex.accounts.tests.factories import a_school, an_actor, an_evaluation_org, signed_in_as
from onex.common import sheets
from onex.common.actors import Role
from onex.common.queries import attachments_of, timeline_of
from onex.pilots.tests.factories import NOON, a_level
from onex.venues import services
from onex.venues.models import ExamSite, SiteApplication
from onex.venues.rules import STAMPED_FORM
from onex.venues.tests.factories import (
    WORDS,
    a_filed_site_application,
    a_pdf,
    a_pilot_school,
    a_site,
    a_site_draft,
    an_org_officer,
    approved,
)
from onex.venues.views.papers import WORD

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _this_year(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pages ask the clock; the factories' approvals are of 2026."""
    from onex.accounts import middleware
    from onex.pilots.tests.factories import NOON

    monkeypatch.setattr(middleware, "now", lambda: NOON)


def as_school(school: Any) -> Client:
    return signed_in_as(Client(), an_actor(Role.SCHOOL, school))


def as_org() -> Client:
    return signed_in_as(Client(), an_org_officer())


def a_body(**changes: Any) -> dict[str, Any]:
    return (
        WORDS
        | {
            "organisation": str(an_evaluation_org().pk),
            "levels": [str(a_level().pk)],
            "room-0-name": "机房 301",
            "room-0-machine_count": "40",
            "room-0-spare_count": "4",
            "room-1-name": "",
            "room-1-machine_count": "",
            "room-1-spare_count": "",
            "then": "save",
        }
        | changes
    )


def test_a_school_files_with_one_form_and_the_organisation_approves() -> None:
    school = a_pilot_school()
    client = as_school(school)
    answer = client.post(reverse("venues:application-create"), a_body(then="submit", stamped_form=a_pdf()))
    application = SiteApplication.objects.get()
    assert (answer.status_code, answer["Location"]) == (
        302,
        reverse("venues:application-detail", args=[application.pk]),
    )
    move = reverse("venues:application-move", args=[application.pk])
    org = as_org()
    assert org.post(move, {"move": "return", "note": "未盖章"}).status_code == 302
    page = client.get(reverse("venues:application-edit", args=[application.pk]))
    assert "未盖章" in page.content.decode()
    assert (
        client.post(reverse("venues:application-edit", args=[application.pk]), a_body(then="submit")).status_code == 302
    )
    assert org.post(move, {"move": "approve"}).status_code == 409
    application.refresh_from_db()
    ticks = {"checked": ["seal_present", "data_equal"], "checked_of": application.submitted_at.isoformat()}
    assert org.post(move, {"move": "approve", **ticks}).status_code == 302
    record = client.get(reverse("venues:application-detail", args=[application.pk])).content.decode()
    assert "已核对盖章版：有公章、内容一致" in record
    site = ExamSite.objects.get(school=school)
    assert org.get(reverse("venues:site-detail", args=[site.pk])).status_code == 200


ROOM = {
    "room-0-place": "实训楼 3 层",
    "room-0-server_count": "1",
    "room-0-camera_count": "2",
    "room-0-addresses": "10.20.3.0/24，10.20.4.8",
    "room-0-is_accessible": "是",
}


def test_what_is_written_of_a_room_stands_on_every_page_and_paper_and_with_the_site() -> None:
    client = as_school(a_pilot_school())
    client.post(reverse("venues:application-create"), a_body(then="submit", stamped_form=a_pdf(), **ROOM))
    application = SiteApplication.objects.get()
    said = ("机房 301", "实训楼 3 层", "10.20.3.0/24，10.20.4.8")
    record = client.get(reverse("venues:application-detail", args=[application.pk])).content.decode()
    word = "\n".join(paragraphs(client.get(reverse("venues:application-word", args=[application.pk])).content))
    printed = client.get(reverse("venues:application-print", args=[application.pk])).content
    paper = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(printed)).pages)
    for text in (record, word, paper):
        assert [one for one in said if one.replace(" ", "") not in text.replace(" ", "").replace("\n", "")] == []
    approved(application)
    (room,) = ExamSite.objects.get(application=application).rooms.all()
    kept = (room.place, room.server_count, room.camera_count, room.addresses, room.is_accessible)
    assert kept == ("实训楼 3 层", 1, 2, "10.20.3.0/24，10.20.4.8", True)


def test_submitting_without_the_stamped_form_keeps_everything_and_says_so_beside_the_field() -> None:
    client = as_school(a_pilot_school())
    answer = client.post(reverse("venues:application-create"), a_body(then="submit", contact_name=""))
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "请上传盖章版申请表；没有上传会导致审核被退回。" in page
    assert "请填写联系人姓名" in page
    assert WORDS["address"] in page
    application = SiteApplication.objects.get()
    assert (application.state, application.name) == ("draft", WORDS["name"])
    assert reverse("venues:application-edit", args=[application.pk]) in page


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"contact_phone": "12345"}, "请填写 11 位手机号"),
        ({"contact_email": "周敏"}, "邮"),
        ({"room-0-machine_count": "四十"}, "room-0-machine_count"),
        ({"room-1-name": "机房 301", "room-1-machine_count": "3"}, "考场名称“机房 301”重复"),
        ({"room-0-addresses": "三楼"}, "“三楼”不是网段"),
        ({"room-0-is_accessible": "也许"}, "也许"),
        ({"stamped_form": SimpleUploadedFile("表.pdf", b"<html></html>")}, "不是可接受的类型"),
        ({"region": "火星"}, "火星"),
    ],
)
def test_a_wrong_value_is_said_in_place_and_nothing_typed_is_lost(changes: dict[str, Any], sentence: str) -> None:
    client = as_school(a_pilot_school())
    answer = client.post(reverse("venues:application-create"), a_body(**changes))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert sentence in page
    assert WORDS["description"] in page
    assert "机房 301" in page


def test_a_school_without_a_pilot_is_told_why_on_the_list_and_refused_on_posting() -> None:
    client = as_school(a_school())
    an_evaluation_org()
    page = client.get(reverse("venues:application-list")).content.decode()
    assert "试点申报通过后方可申报考核站点" in page
    assert reverse("venues:application-create") not in page
    answer = client.post(reverse("venues:application-create"), a_body())
    assert answer.status_code == 409
    assert "试点申报通过后方可申报考核站点" in answer.content.decode()


def test_beginning_again_leads_to_what_was_begun() -> None:
    application = a_site_draft()
    answer = as_school(application.school).get(reverse("venues:application-create"))
    assert answer["Location"] == reverse("venues:application-edit", args=[application.pk])


def test_a_new_form_knows_the_school_and_suggests_a_name_after_the_guide() -> None:
    school = a_pilot_school(name="金陵职业技术学院")
    page = as_school(school).get(reverse("venues:application-create")).content.decode()
    assert f"{school.name}直播电商职业技能等级证书(初)考核站点" in page
    assert school.contact_phone in page


def test_a_file_is_removed_with_what_was_typed_meanwhile() -> None:
    application = a_site_draft()
    client = as_school(application.school)
    edit = reverse("venues:application-edit", args=[application.pk])
    client.post(edit, a_body(material=a_pdf("说明.pdf")))
    (kept,) = attachments_of(application)
    answer = client.post(f"{edit}?remove={kept.pk}", a_body(description="改过的简介"))
    assert answer.status_code == 302
    application.refresh_from_db()
    assert application.description == "改过的简介"
    assert not attachments_of(application).exists()


def test_the_form_to_print_is_filled_in() -> None:
    application = a_site_draft()
    answer = as_school(application.school).get(reverse("venues:application-print", args=[application.pk]))
    text = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(answer.content)).pages)
    for word in ("考核站点申请表", application.school.name, WORDS["contact_phone"], "机房 301", "（盖章）"):
        assert word in text
    assert answer["Content-Disposition"].startswith("attachment")


def test_the_form_is_also_a_word_document_that_may_be_handed_in_again() -> None:
    application = a_site_draft(description="监控 & <电源>\n第二行 \U0001f600")
    officer, client = an_actor(Role.SCHOOL, application.school), as_school(application.school)
    answer = client.get(reverse("venues:application-word", args=[application.pk]))
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["Content-Type"] == WORD
    text = "\n".join(paragraphs(answer.content))
    for said in (
        "考核站点申请表",
        application.school.name,
        WORDS["contact_phone"],
        "机房 301",
        "监控 & <电源>",
        "（盖章）",
    ):
        assert said in text
    taken = services.attach_file(
        application, STAMPED_FORM, SimpleUploadedFile("申请表.docx", answer.content), by=officer, at=NOON
    )
    assert taken.content_type == WORD
    assert [trace.verb for trace in timeline_of(application) if trace.verb.startswith("print")] == ["print_word"]


def test_others_get_the_word_form_with_a_masked_contact_and_leave_no_print() -> None:
    application = a_filed_site_application()
    answer = as_org().get(reverse("venues:application-word", args=[application.pk]))
    text = "\n".join(paragraphs(answer.content))
    assert WORDS["contact_phone"] not in text
    assert "138****1234" in text
    assert not timeline_of(application).filter(verb="print_word").exists()


def paragraphs(document: bytes) -> list[str]:
    """The text of a Word document, paragraph by paragraph; every part of it is well-formed."""
    with zipfile.ZipFile(io.BytesIO(document)) as package:
        parts = {
            name: ElementTree.fromstring(package.read(name))
            for name in package.namelist()
            if name.endswith((".xml", ".rels"))
        }
    main = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
    return [
        "".join(run.text or "" for run in one.iter(f"{main}t")) for one in parts["word/document.xml"].iter(f"{main}p")
    ]


def test_what_cannot_be_printed_is_refused_in_words() -> None:
    application = a_site_draft(description="两个机房 \U0001f600")
    answer = as_school(application.school).get(reverse("venues:application-print", args=[application.pk]))
    assert answer.status_code == 409
    assert "无法打印的字符" in answer.content.decode()


def test_a_move_that_is_refused_answers_409_on_the_record() -> None:
    application = a_filed_site_application()
    answer = as_org().post(reverse("venues:application-move", args=[application.pk, "return"]), {"note": ""})
    assert answer.status_code == 409
    assert "请写明理由" in answer.content.decode()


def test_foreign_rows_are_404_and_foreign_roles_403() -> None:
    application, site = a_filed_site_application(), a_site()
    stranger = as_school(a_school())
    for name, row in (
        ("application-detail", application),
        ("application-edit", application),
        ("application-print", application),
        ("site-detail", site),
    ):
        assert stranger.get(reverse(f"venues:{name}", args=[row.pk])).status_code == 404
    file = attachments_of(application)[0]
    assert stranger.get(reverse("venues:file-download", args=[application.pk, file.pk])).status_code == 404
    assert stranger.post(reverse("venues:application-move", args=[application.pk, "submit"])).status_code == 404
    assert stranger.post(reverse("venues:site-move", args=[site.pk]), {"move": "suspend"}).status_code == 403
    teacher = signed_in_as(Client(), an_actor(Role.TEACHER, application.school))
    assert teacher.get(reverse("venues:application-list")).status_code == 403
    assert Client().get(reverse("venues:application-list")).status_code == 302


def test_files_come_as_downloads_only() -> None:
    application = a_filed_site_application()
    file = attachments_of(application)[0]
    answer = as_org().get(reverse("venues:file-download", args=[application.pk, file.pk]))
    assert answer["Content-Disposition"].startswith("attachment")
    assert b"".join(answer.streaming_content).startswith(b"%PDF")


def test_a_site_is_suspended_by_its_organisation_with_a_reason() -> None:
    site = a_site()
    org, address = as_org(), reverse("venues:site-move", args=[site.pk])
    assert org.post(address, {"move": "suspend", "note": ""}).status_code == 409
    assert org.post(address, {"move": "explode", "note": "x"}).status_code == 409
    assert org.post(address, {"move": "expire", "note": "x"}).status_code == 409
    early = org.post(address, {"move": "confirm"})
    assert early.status_code == 409
    assert "到期前 60 天起可以办理年度确认" in early.content.decode()
    assert org.post(address, {"move": "suspend", "note": "机房改造"}).status_code == 302
    site.refresh_from_db()
    assert not site.is_active
    listed = org.get(reverse("venues:site-list"), {"state": "suspended"}).content.decode()
    assert site.name in listed
    assert site.name not in org.get(reverse("venues:site-list"), {"state": "active"}).content.decode()


def test_the_list_is_searched_filtered_sorted_and_exported_as_shown() -> None:
    one, other = a_filed_site_application(), a_filed_site_application()
    org = as_org()
    listed = org.get(
        reverse("venues:application-list"), {"q": one.school.name, "state": "pending", "sort": "-machines"}
    )
    page = listed.content.decode()
    assert one.school.name in page
    assert other.school.name not in page
    answer = org.get(reverse("venues:application-export"), {"q": one.school.name})
    columns = [sheets.Column("school", "院校"), sheets.Column("machines", "考试机数量"), sheets.Column("state", "状态")]
    (row,) = sheets.read(io.BytesIO(answer.content), columns)
    assert row.cells == {"school": one.school.name, "machines": "70", "state": "待审核"}
    sites = org.get(reverse("venues:site-export"))
    assert sites.status_code == 200


def test_a_list_page_costs_the_same_however_long(django_assert_max_num_queries: Any) -> None:
    for _ in range(6):
        a_filed_site_application()
    org = as_org()
    with django_assert_max_num_queries(14):
        assert org.get(reverse("venues:application-list")).status_code == 200
