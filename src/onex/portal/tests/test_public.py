"""Every public page in both languages: it opens, holds what the guide prints, and writes no figure of its own."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse
from django.utils import translation

import onex.portal
from onex.catalog import queries as catalog
from onex.catalog.models import CertificateLevel, CertificateType, Major, SkillPoint, WorkDomain, WorkTask
from onex.catalog.rules import BEIJING, provinces
from onex.catalog.tests.factories import the_guide
from onex.common.clock import now
from onex.pilots.tests.factories import DAY, a_certificate, a_level
from onex.portal.tests import printed
from onex.portal.urls import urlpatterns
from onex.registration.rules.plans import Window
from onex.registration.tests.factories import a_plan_level

pytestmark = pytest.mark.django_db

PAGES = {
    "home": [],
    "standard-list": [],
    "standard-detail": ["101"],
    "calendar": [],
    "training": [],
    "textbook-list": [],
    "cloud-course": [],
    "how-to-apply": [],
    "news-list": [],
    "news-detail": ["guide-2024-4"],
    "contact-list": [],
    "data-notes": [],
    "privacy": [],
}
LANGUAGES = ("zh-hans", "en")


def read(client: Any, name: str, *args: str, language: str = "zh-hans", query: str = "") -> str:
    """The words of a page."""
    answer = client.get(reverse(f"portal:{name}", args=args) + query, headers={"Accept-Language": language})
    assert answer.status_code == 200
    return printed.text_of(answer.content.decode())


def test_every_public_address_is_among_the_pages_tested() -> None:
    shown = {pattern.name for pattern in urlpatterns if getattr(pattern.callback, "permit", "") == "public"}
    assert shown - {"root-list", "root-data", "calendar-feed"} == set(PAGES)  # these have their own tests


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", PAGES)
def test_a_page_opens_with_a_title_of_its_own_and_the_way_to_the_data(client, name: str, language: str) -> None:
    the_guide()
    answer = client.get(reverse(f"portal:{name}", args=PAGES[name]), headers={"Accept-Language": language})
    page = answer.content.decode()
    assert answer.status_code == 200
    (title,) = re.findall(r"<title>(.*?) · OneX</title>", page)
    assert len(title) > 2
    assert page.count("<h1") == 1
    assert 'href="/api/v1/catalog"' in page
    assert f'lang="{"en" if language == "en" else "zh-CN"}"' in page


def test_no_two_pages_have_the_same_title(client) -> None:
    the_guide()
    pages = [client.get(reverse(f"portal:{name}", args=args)).content.decode() for name, args in PAGES.items()]
    titles = [re.findall(r"<title>(.*?)</title>", page)[0] for page in pages]
    assert len(set(titles)) == len(titles)


@pytest.mark.parametrize("name", PAGES)
def test_before_the_first_load_a_page_says_so_and_does_not_break(client, name: str) -> None:
    assert client.get(reverse(f"portal:{name}", args=PAGES[name])).status_code == 503


@pytest.mark.parametrize("name", PAGES)
def test_an_english_page_leaves_nothing_but_quotations_in_chinese(client, name: str) -> None:
    the_guide()
    page = client.get(reverse(f"portal:{name}", args=PAGES[name]), headers={"Accept-Language": "en"}).content.decode()
    page = re.sub(r'<(td|button|p)[^>]*lang="zh-CN"[^>]*>.*?</\1>', " ", page)
    words = re.sub(r'(printed in the guide as|printed as) "[^"]*"', " ", printed.text_of(page))
    allowed = {  # names of QQ groups as they must be searched for, and the guide's letters for provinces
        *re.findall(r"[\u4e00-\u9fff]+", "奥派直播电商证书培训交流群 奥派新媒体技术证书培训交流群 山"),
        *(letter for _, letters, _ in printed.contacts() for letter in letters.split("、")),
    }
    assert set(re.findall(r"[\u4e00-\u9fff]+", words)) - allowed == set()


# --- what the guide prints -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_front_page_shows_fees_and_counts(client, language: str) -> None:
    the_guide()
    text = read(client, "home", language=language)
    for fee in printed.fees():
        assert text.count(f" {fee} ") == 2  # for each certificate
    for figure in (number for counts in printed.counts() for number in counts):
        assert re.search(rf"\b{figure}\b", text)
    assert "025-83152910" in text
    assert "630583907" in text
    assert "731994024" in text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", ["101", "102"])
def test_a_certificate_shows_its_figures(client, code: str, language: str) -> None:
    the_guide()
    text = read(client, "standard-detail", code, language=language)
    for figure in printed.counts()[int(code) - 101]:
        assert re.search(rf"\b{figure}\b", text)
    for fee in printed.fees():
        assert re.search(rf"\b{fee}\b", text)
    for _, *row in printed.sections():
        assert " ".join(row) in text
    assert "100 60 60" in text  # theory: full mark, pass mark, minutes
    assert "100 60 150" in text
    shares = printed.weights()
    own = shares[:10] if code == "101" else shares
    assert sum(int(share) for share in re.findall(r"(\d+)%", text)) == 300
    assert set(re.findall(r"(\d+)%", text)) <= set(own) | set(shares)


def test_every_weight_stands_beside_its_module(client) -> None:
    the_guide()
    live, media = (read(client, "standard-detail", code) for code in ("101", "102"))
    for line in printed.TABLES.splitlines():
        for module, share in re.findall(r"([^\t\d%]+)\t(\d+%)", line):
            if " " in module:  # two modules in one cell of the print
                continue
            assert f"{module} {share}" in live + media
    assert "内容运营 31%" in media
    assert "活动运营 15%" in media


def test_the_standard_has_every_task_in_the_printed_order(client) -> None:
    the_guide()
    for code in ("101", "102"):
        text = read(client, "standard-detail", code)
        page = catalog.certificate_page(code)
        assert page is not None
        places = [
            text.index(f"{task.code} {task.name}", text.index("技能点 草案"))
            for level in page.levels[:1]
            for domain in level.domains
            for task in domain.tasks.all()
        ]
        assert places == sorted(places)
    tasks = set(re.findall(r"\b(\d\.\d [^\t\n]+)", printed.TABLES))
    shown = read(client, "standard-detail", "101") + read(client, "standard-detail", "102")
    assert {task.strip() for task in tasks if task.strip() not in shown} == set()


def test_draft_skill_points_and_majors_are_marked_as_drafts(client) -> None:
    the_guide()
    text = read(client, "standard-detail", "101")
    assert "技能点名称是草案" in text
    assert "对应专业是草案" in text
    assert text.count("技能点 草案") == 3  # one table for each level
    assert "由本平台设定，指南没有规定" in text


def test_an_unknown_certificate_is_not_found(client) -> None:
    the_guide()
    assert client.get(reverse("portal:standard-detail", args=["999"])).status_code == 404


def test_a_certificate_that_no_guide_prints_breaks_no_public_page(client) -> None:
    the_guide()
    a_level(1, a_certificate("900", "另一职业技能等级证书"))
    assert client.get(reverse("portal:standard-detail", args=["900"])).status_code == 404
    for name in ("portal:home", "portal:standard-list", "portal:calendar"):
        page = client.get(reverse(name))
        assert page.status_code == 200, name
        assert "另一职业技能等级证书" not in page.content.decode(), name
    assert client.get("/api/v1/catalog").status_code == 200


@pytest.mark.parametrize("query", ["", "?view=months"])
def test_the_calendar_has_every_printed_half_day(client, query: str) -> None:
    the_guide()
    text = read(client, "calendar", query=query)
    for half in printed.half_days():
        assert re.search(rf"2024年{half.month}月{half.day}日 周. {half.starts}–{half.ends}", text)
    assert len(printed.half_days()) == 28
    assert "共 14 场" in text
    assert "考前 30 天左右" in text
    assert "不低于 40 人" in text


def test_the_calendar_in_english_has_the_same_dates(client) -> None:
    the_guide()
    text = read(client, "calendar", language="en")
    for half in printed.half_days():
        assert re.search(rf"2024-{half.month:02d}-{half.day:02d} {half.starts}–{half.ends}", text)


def test_the_calendar_can_be_narrowed_to_one_certificate(client) -> None:
    the_guide()
    page = client.get(reverse("portal:calendar") + "?certificate=102").content.decode()
    table = page[page.index("<table") : page.index("</table>")]
    assert table.count("新媒体技术") == 7
    assert table.count("直播电商") == 0


def test_the_calendar_can_be_narrowed_to_one_level_on_every_view(client) -> None:
    the_guide()
    page = client.get(reverse("portal:calendar") + "?level=3").content.decode()
    table = page[page.index("<table") : page.index("</table>")]
    assert table.count("高级") == 4  # the second and the sixth sitting of both certificates
    assert "初级" not in table
    months = read(client, "calendar", query="?level=3&view=months")
    assert ("2024年6月" in months, "2024年5月" in months) == (True, False)


def test_announced_sittings_stand_in_the_list_and_on_the_sheets_of_their_months(client) -> None:
    the_guide()
    start = now().replace(minute=0, second=0, microsecond=0) + 40 * DAY
    day = start.astimezone(BEIJING)
    level = a_plan_level(slots=(Window(start, start + timedelta(hours=4)),))
    code = level.level.certificate.code
    listed = client.get(reverse("portal:calendar")).content.decode()
    assert f"sitting-{level.plan_id}" in listed
    months = client.get(reverse("portal:calendar") + f"?view=months&certificate={code}&level=1").content.decode()
    sheet = months[months.index("ox-month") :]
    sheet = sheet[: sheet.index("</section>")]
    assert f"{day.year}年{day.month}月" in sheet
    assert f'<td class="is-exam"><span>{day.day}<span class="visually-hidden">（考试）</span>' in sheet
    assert "2026 年第八次统考" in sheet
    assert sheet.count('<th scope="col">') == 7
    other = client.get(reverse("portal:calendar") + "?level=3").content.decode()
    assert f"sitting-{level.plan_id}" not in other
    assert "没有符合条件的统考" in other


def test_the_calendar_names_every_address_that_can_be_subscribed_to(client) -> None:
    the_guide()
    page = client.get(reverse("portal:calendar")).content.decode()
    addresses = re.findall(r'data-copy="([^"]+)"', page)
    assert len(addresses) == 1 + 2 * (1 + 3)
    for address in addresses:
        path = address[address.index("/calendar/") :].replace("&amp;", "&")
        assert client.get(path)["Content-Type"].startswith("text/calendar")


def test_the_training_calendar_has_every_printed_row(client) -> None:
    the_guide()
    text = read(client, "training")
    rows = printed.training()
    assert len(rows) == 14
    for month, *words in rows:
        assert f"{month} 月 {' '.join(words)}" in text
    assert text.count("线下面授") - text.split("直播电商培训安排")[0].count("线下面授") == sum(
        mode == "线下面授" for *_, mode in rows
    )


def test_the_books_come_with_covers_features_and_every_way_to_order(client) -> None:
    the_guide()
    page = client.get(reverse("portal:textbook-list")).content.decode()
    text = printed.text_of(page)
    assert len(printed.books()) == 6
    for book in printed.books():
        assert f"《{book}》" in text
    assert len(re.findall(r'<img src="[^"]*textbook-10[12]-[123]\.svg"', page)) == 6
    assert page.count("<li>", page.index("ox-features"), page.index("</ol>", page.index("ox-features"))) == 4
    for number in re.findall(r"138\d{8}", printed.TABLES):
        assert f'href="tel:{number}"' in page
    assert "218668588" in text
    assert "官方微店" in text


def test_the_contacts_are_the_printed_ones(client) -> None:
    the_guide()
    text = read(client, "contact-list")
    assert len(printed.contacts()) == 12
    for name, regions, phone in printed.contacts():
        assert re.search(rf"{name} {regions} .*? {phone}", text)
    for word in ("025-83152910", "汤老师、李老师", "630583907", "731994024", "奥派新媒体技术证书培训交流群"):
        assert word in text


@pytest.mark.parametrize(("code", "phone"), [("32", "15651000335"), ("66", "13770531261"), ("4403", "15905198289")])
def test_a_province_finds_its_contact(client, code: str, phone: str) -> None:
    the_guide()
    page = client.get(reverse("portal:contact-list") + f"?province={code}").content.decode()
    answer = page[page.index("ox-answer") : page.index("</section>", page.index("ox-answer"))]
    assert phone in answer


def test_a_made_up_province_shows_the_list_and_no_answer(client) -> None:
    the_guide()
    assert "ox-answer" not in client.get(reverse("portal:contact-list") + "?province=%27").content.decode()


def test_the_cloud_courses_say_honestly_that_applications_are_not_open_here(client) -> None:
    the_guide()
    text = read(client, "cloud-course")
    words = catalog.texts("courses")
    assert "本平台的申请入口尚未开放" in text
    joined = text.replace(" ", "")
    assert [step["text"] for step in words["steps"] if step["text"].replace(" ", "") not in joined] == []
    assert [field["name"] for field in words["form"]["fields"] if field["name"] not in text] == []
    assert len(words["form"]["fields"]) == 14


def test_the_verification_box_of_the_front_page_asks_the_verification_page(client) -> None:
    the_guide()
    page = client.get(reverse("portal:home")).content.decode()
    form = page[page.index(f'action="{reverse("certificates:verify")}"') :]
    form = form[: form.index("</form>")]
    assert re.findall(r'name="(\w+)"', form) == ["number", "name"]
    asked = client.get(reverse("certificates:verify"), {"number": "X1010320240000000001", "name": "张三"})
    assert asked.status_code == 404  # answered, not refused as a bad form


def test_the_navigation_has_the_nine_columns_and_marks_the_current_one(client) -> None:
    the_guide()
    page = client.get(reverse("portal:standard-detail", args=["101"])).content.decode()
    nav = page[page.index("ox-public-nav") : page.index("</nav>", page.index("ox-public-nav"))]
    titles = re.findall(r">([^<>]+)</a>", nav)
    assert titles == [
        "首页",
        "证书与标准",
        "考试计划",
        "师资培训",
        "配套教材",
        "云课程",
        "通知公告",
        "证书查验",
        "联系我们",
    ]
    assert re.findall(r'aria-current="page">([^<]+)<', nav) == ["证书与标准"]


# --- figures come from the catalogue -------------------------------------------------------------------------------

HERE = Path(onex.portal.__path__[0])
TYPED = re.compile(r"\d|[两一二三四五六七八九十百]+\s*[个次场本位步期级种项条大人所张]")
NAMES = ("1+X", "SHA-256", "一次", "一张证书", "每一步", "一份", "另一个")  # names and turns of speech, not figures


def typed_in(text: str) -> list[str]:
    for name in NAMES:
        text = text.replace(name, "")
    return TYPED.findall(text)


@pytest.mark.parametrize("file", sorted(HERE.glob("templates/portal/*.html")), ids=lambda file: file.name)
def test_no_template_types_a_figure(file: Path) -> None:
    source = re.sub(r"(?s){% comment %}.*?{% endcomment %}", "", file.read_text("utf-8"))
    spoken = re.findall(r"{% translate [\"'](.*?)[\"']", source) + re.findall(r"_\([\"'](.*?)[\"']\)", source)
    bare = re.sub(r"{%.*?%}|{{.*?}}|<[^>]+>", " ", source)
    assert typed_in(bare) == []
    assert [text for text in spoken if typed_in(text)] == []


def test_no_sentence_of_the_code_types_a_figure() -> None:
    for file in [HERE / "rules.py", *HERE.glob("views/*.py"), *HERE.glob("queries/*.py")]:
        for text in re.findall(r'say\(\s*"(.*?)"', file.read_text("utf-8")):
            assert typed_in(text) == [], (file.name, text)


def test_a_changed_fee_is_a_changed_page(client) -> None:
    the_guide()
    CertificateLevel.objects.filter(certificate__code="101", level=1).update(fee_fen=31_550)
    assert "315.50" in read(client, "standard-detail", "101")
    assert "315.50" in read(client, "home")


# --- both languages, few queries -----------------------------------------------------------------------------------


def test_every_word_of_the_guide_that_a_page_shows_has_its_english() -> None:
    the_guide()
    tables = [
        *CertificateType.objects.values_list("name", "short_name", "introduction", "sample_caption", "sample_alt"),
        *CertificateLevel.objects.values_list("name", "short_name"),
        *(
            row
            for model in (WorkDomain, WorkTask, SkillPoint, Major)
            for row in model.objects.values_list("name")  # type: ignore[attr-defined]
        ),
        *((one.name,) for one in provinces()),
    ]
    with translation.override("en"):
        missing = {word for row in tables for word in row if translation.gettext(word) == word and not word.isascii()}
    assert missing == set()


@pytest.mark.parametrize("name", PAGES)
def test_a_page_costs_a_few_queries(client, name: str, django_assert_max_num_queries) -> None:
    the_guide()
    with django_assert_max_num_queries(32 if name == "standard-list" else 17):
        client.get(reverse(f"portal:{name}", args=PAGES[name]))
