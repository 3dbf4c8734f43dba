"""Second factors and sign-ins in a real Chromium: a virtual security key stands for the finger on the sensor."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from onex.accounts.rules.factors import code_at, step_of
from onex.common.clock import now
from tests.browser.pages import Ears, a_machine, faults_of, sign_in
from tests.installation import Installation, installation

pytestmark = [pytest.mark.browser, pytest.mark.server]


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """An installation that requires the second factor, under a name: passkeys belong to names, not to numbers."""
    folder = tmp_path_factory.mktemp("strict")
    with installation(folder, host="localhost", ONEX_SECOND_FACTOR="required") as place:
        yield place


def a_security_key(page: Page) -> None:
    """Plug one in: it answers by itself, as a person who touches it."""
    line = page.context.new_cdp_session(page)
    line.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    line.send(
        "WebAuthn.addVirtualAuthenticator",
        {"options": {**options, "isUserVerified": True, "automaticPresenceSimulation": True}},
    )


def looks_right(page: Page, ears: Ears) -> None:
    """At three widths, for axe, and without a complaint of the browser."""
    assert faults_of(page, ears) == []


def test_a_new_colleague_enrols_an_app_and_a_passkey_and_comes_in_with_each(
    strict: Installation, chromium: Browser
) -> None:
    account = strict.scene("person", role="school")
    page = a_machine(chromium).new_page()
    ears = Ears(page)
    a_security_key(page)

    # nothing opens before the second factor is there
    sign_in(page, strict, account)
    expect(page.get_by_role("heading", name="请先启用第二重验证")).to_be_visible()
    looks_right(page, ears)
    page.goto(f"{strict.url}/desk/")
    expect(page.get_by_role("heading", name="请先启用第二重验证")).to_be_visible()

    # an app: the key is read from the page as a person would type it
    page.get_by_role("link", name=re.compile(r"添加\s*验证器应用")).click()
    looks_right(page, ears)
    secret = page.locator(".ox-enrol-key").inner_text().replace(" ", "")
    page.get_by_label("6 位动态口令").fill("000000")
    page.get_by_role("button", name="启用").click()
    expect(page.get_by_role("alert")).to_contain_text("验证码不正确")
    looks_right(page, ears)
    step = step_of(now())
    page.get_by_label("6 位动态口令").fill(code_at(secret, step))
    page.get_by_label("名称").fill("工作手机")
    page.get_by_role("button", name="启用").click()
    codes = page.locator(".ox-codes li").all_inner_texts()
    assert len(codes) == 10
    looks_right(page, ears)
    page.get_by_role("link", name="已保存，继续").click()
    expect(page).to_have_url(f"{strict.url}/desk/")

    # a passkey besides
    page.goto(f"{strict.url}/accounts/security/")
    looks_right(page, ears)
    page.get_by_role("link", name=re.compile(r"添加\s*通行密钥")).click()
    looks_right(page, ears)
    page.get_by_label("名称").fill("办公室电脑")
    page.get_by_role("button", name="创建通行密钥").click()
    expect(page.get_by_text("已添加。下次登录时可以用它验证。")).to_be_visible()
    expect(page.get_by_text("办公室电脑", exact=True)).to_be_visible()
    looks_right(page, ears)

    # in with the passkey
    page.locator("summary").filter(has_text="切换身份").click()
    page.get_by_role("button", name="退出登录").click()
    sign_in(page, strict, account)
    expect(page.get_by_role("heading", name="第二重验证")).to_be_visible()
    looks_right(page, ears)
    page.get_by_role("button", name="用通行密钥验证").click()
    expect(page).to_have_url(f"{strict.url}/desk/")

    # and in another browser, without the key, with a code from paper; the first one sees it and ends it
    other = a_machine(chromium).new_page()
    sign_in(other, strict, account)
    other.get_by_text("手机或密钥不在身边？").click()
    other.get_by_label("恢复代码").fill(codes[0])
    other.get_by_role("button", name="用恢复代码验证").click()
    expect(other.get_by_text("还剩 9 个")).to_be_visible()
    page.goto(f"{strict.url}/accounts/security/")
    looks_right(page, ears)
    page.get_by_role("button", name="结束其他全部登录").click()
    page.locator("dialog [data-agree]").click()
    expect(page.get_by_text("已结束 1 处登录")).to_be_visible()
    other.goto(f"{strict.url}/desk/")
    expect(other.get_by_text("您在另一处结束了本次登录")).to_be_visible()
    assert ears.take() == []


AN_HOUR_AGO = """
import os
os.environ["DJANGO_SETTINGS_MODULE"] = "onex.config.settings"
import django
django.setup()
from datetime import timedelta
from onex.accounts.models import SignIn
from onex.common.clock import now
SignIn.objects.filter(user__username="{username}").update(seen_at=now() - timedelta(hours=1))
"""


def test_who_went_to_lunch_in_the_middle_of_a_form_loses_nothing(place: Installation, chromium: Browser) -> None:
    account = place.scene("person", role="province")
    page = a_machine(chromium).new_page()
    ears = Ears(page)
    sign_in(page, place, account)
    expect(page).to_have_url(f"{place.url}/desk/")
    page.goto(f"{place.url}/pilots/plans/new/")
    page.get_by_label("申报年度").fill("2031")
    page.get_by_label("申报批次").select_option("2")
    page.get_by_label("申报开始时间").fill("2031-03-01T09:00")
    page.get_by_label("申报结束时间").fill("2031-04-01T18:00")
    page.locator("[name=requires_majors][value=yes]").check()
    page.locator("[name=requires_city_approval][value=no]").check()
    page.locator("[name=all_certificates][value=all]").check()
    place.run("-c", AN_HOUR_AGO.format(**account))
    page.get_by_role("button", name="保存草稿").click()
    expect(page.get_by_text("您较长时间没有操作")).to_be_visible()
    expect(page.get_by_text("您刚才填写的内容已保留 30 分钟")).to_be_visible()
    looks_right(page, ears)
    page.get_by_label("账号", exact=True).fill(account["username"])
    page.get_by_label("密码", exact=True).fill(account["password"])
    page.get_by_role("button", name="立即登录").click()
    expect(page.get_by_role("heading", name="您刚才填写的内容还在")).to_be_visible()
    page.get_by_text("查看保留的内容").click()
    looks_right(page, ears)
    page.get_by_role("button", name="继续提交").click()
    expect(page.get_by_text("2031").first).to_be_visible()
    page.goto(f"{place.url}/pilots/plans/")
    expect(page.get_by_role("row").filter(has_text="2031")).to_have_count(1)
    place.run("-c", AN_HOUR_AGO.format(**account).replace("seen_at", "proved_at"))
    page.goto(f"{place.url}/accounts/security/totp/")
    expect(page.get_by_role("heading", name="请再次验证")).to_be_visible()
    looks_right(page, ears)
