"""The components as pages use them: what is said, what is linked, what is never lost."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django import forms
from django.core.paginator import Paginator
from django.template import Context, Template, TemplateSyntaxError
from django.template.loader import get_template, render_to_string
from django.test import RequestFactory

from onex.common import gallery
from onex.common.ui import words as spoken

SOURCE = Path(__file__).resolve().parents[2]
MANUAL = SOURCE.parents[1] / "docs" / "ui.md"
NOON = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)  # 12:00 in Beijing


def drawn(source: str, address: str = "/", **context: Any) -> str:
    request = RequestFactory().get(address)
    request.at = NOON  # type: ignore[attr-defined]
    return Template("{% load i18n ui %}" + source).render(
        Context({"request": request, "csrf_token": "token", **context})
    )


# --- words and figures
@pytest.mark.parametrize(
    ("gap", "words", "tone"),
    [
        (timedelta(days=24), "还剩 24 天", "info"),
        (timedelta(days=3, hours=4, minutes=5), "还剩 3 天 4 小时", "info"),
        (timedelta(days=2, hours=23), "还剩 2 天 23 小时", "warn"),
        (timedelta(hours=5, minutes=30), "还剩 5 小时 30 分", "bad"),
        (timedelta(seconds=20), "还剩 1 分钟", "bad"),
        (-timedelta(hours=1), "今日已截止", "neutral"),
        (-timedelta(days=9, hours=1), "已截止 9 天", "neutral"),
    ],
)
def test_a_deadline_says_how_much_is_left(gap: timedelta, words: str, tone: str) -> None:
    assert spoken.say_left(NOON + gap, NOON) == (words, tone)


def test_a_deadline_is_shown_with_weekday_and_in_local_time() -> None:
    page = drawn("{% ui_deadline until %}", until=datetime(2026, 12, 27, 10, 0, tzinfo=UTC))
    assert "2026年12月27日 周日 18:00" in page
    assert "还剩 33 天" in page


def test_figures_have_thousands_and_money_is_yuan() -> None:
    assert drawn(
        "{{ a|ui_number }} {{ b|ui_number }} {{ c|ui_fen }} {{ d|ui_fen }}", a=12345, b=None, c=28000, d=128050
    ) == ("12,345 — 280 1,280.50")


def test_a_state_is_a_word_with_an_icon_and_is_escaped() -> None:
    page = drawn("{% ui_state word 'nonsense' %}", word="<b>草稿</b>")
    assert "&lt;b&gt;草稿" in page
    assert "<svg" in page
    assert "ox-tone-neutral" in page


def test_a_grave_button_asks_with_the_object_named() -> None:
    page = drawn('{% ui_button "作废" tone="danger" confirm="确定作废这 3 张证书？" hx_post="/x" disabled=False %}')
    assert 'data-confirm="确定作废这 3 张证书？"' in page
    assert 'hx-post="/x"' in page
    assert "disabled" not in page


# --- lists
def test_a_column_sorts_both_ways_and_keeps_the_filters() -> None:
    up = drawn('{% ui_th "年度" sort="year" %}', "/?state=filed&page=3")
    assert 'href="?state=filed&amp;sort=year"' in up
    assert 'aria-sort="none"' in up
    down = drawn('{% ui_th "年度" sort="year" %}', "/?state=filed&sort=year")
    assert 'href="?state=filed&amp;sort=-year"' in down
    assert 'aria-sort="ascending"' in down


def test_chips_are_links_that_keep_the_search_and_leave_the_page_number() -> None:
    chips = [{"label": "全部", "value": ""}, {"label": "已退回", "value": "returned", "count": 14}]
    page = drawn('{% ui_chips "state" chips %}', "/?q=湖南&state=returned&page=4", chips=chips)
    assert page.count("aria-current") == 1
    assert "state=returned" in page
    assert "page=4" not in page
    assert page.count("q=%E6%B9%96%E5%8D%97") == 2


def test_search_carries_the_other_filters_along() -> None:
    page = drawn('{% ui_filters "学校" keep="state" export="/x.xlsx" %}{% endui_filters %}', "/?q=湖南&state=returned")
    assert '<input type="hidden" name="state" value="returned">' in page
    assert 'value="湖南"' in page
    assert "/x.xlsx?q=" in page


def test_the_pager_counts_and_keeps_the_filters() -> None:
    page = drawn("{% ui_pages page %}", "/?state=filed&page=2", page=Paginator(range(68), 30).get_page(2))
    assert "第 31–60 条，共 68 条" in page
    assert "state=filed&amp;page=3" in page
    assert drawn("{% ui_pages page %}", page=Paginator([], 30).get_page(1)).count("<li") == 0


# --- forms
class Everything(forms.Form):
    """One field for each kind of widget."""

    name = forms.CharField(label="姓名", help_text="与身份证一致")
    headcount = forms.IntegerField(label="人数", min_value=1)
    level = forms.ChoiceField(label="级别", choices=[("1", "初级"), ("2", "中级")])
    mode = forms.ChoiceField(label="方式", choices=[("a", "统一"), ("b", "单独")], widget=forms.RadioSelect)
    majors = forms.MultipleChoiceField(label="专业", choices=[("1", "电商")], widget=forms.CheckboxSelectMultiple)
    starts_on = forms.DateField(label="日期", widget=forms.DateInput(attrs={"type": "date"}))
    text = forms.CharField(label="说明", widget=forms.Textarea)
    evidence = forms.FileField(label="材料", required=False)
    is_true = forms.BooleanField(label="属实")
    secret = forms.CharField(widget=forms.HiddenInput, required=False)


def test_mistakes_stand_beside_the_field_and_in_the_summary_and_nothing_typed_is_lost() -> None:
    form = Everything({"name": "王<晓>燕", "headcount": "0", "mode": "b", "majors": ["1"]})
    page = drawn('{% ui_form form submit="保存" %}{% endui_form %}', form=form)
    assert 'href="#field-headcount"' in page
    assert 'id="field-headcount-error"' in page
    assert re.search(r'<input type="number"[^>]*aria-describedby="field-headcount-error"', page)
    assert 'value="王&lt;晓&gt;燕"' in page
    assert re.search(r'type="radio" name="mode" value="b" checked', page)
    assert re.search(r'type="checkbox" name="majors" value="1" checked', page)
    assert 'enctype="multipart/form-data"' in page
    assert 'name="csrfmiddlewaretoken" value="token"' in page


def test_a_refusal_of_the_whole_form_asks_nobody_to_mend_fields() -> None:
    """A locked account was told that two places needed changing, and that the password was still there."""
    form = Everything({"name": "王晓燕"})
    form._errors = {}
    form.cleaned_data = {}
    form.add_error(None, "这个账号从您这里暂停登录 15 分钟。")
    page = drawn("{% ui_form form %}{% endui_form %}", form=form)
    assert "未能完成" in page
    assert "处需要修改" not in page


class Secret(forms.Form):
    word = forms.CharField(label="新密码", widget=forms.PasswordInput)


def test_a_form_with_a_password_does_not_say_that_it_is_still_there() -> None:
    page = drawn("{% ui_form form %}{% endui_form %}", form=Secret({"word": ""}))
    assert "有 1 处需要修改；密码没有保留，请重新输入" in page
    assert "您填写的内容都还在" not in page


def test_an_untouched_form_has_no_summary() -> None:
    assert "data-problems" not in drawn("{% ui_form form %}{% endui_form %}", form=Everything())


def test_every_kind_of_widget_is_dressed_and_labelled() -> None:
    form = Everything()
    page = drawn('{% ui_form form submit="保存" %}{% endui_form %}', form=form)
    for field in form.visible_fields():
        assert f'id="field-{field.html_name}"' in page
    controls = re.findall(r"<(?:input|select|textarea)[^>]*>", page)
    shown = [control for control in controls if 'type="hidden"' not in control]
    assert shown
    assert all(re.search(r'class="form-(control|select|check-input)"', control) for control in shown), shown
    ids = {found for control in shown for found in re.findall(r' id="([^"]+)"', control)}
    assert ids <= set(re.findall(r'for="([^"]+)"', page))


# --- records
def test_moves_are_buttons_that_ask_for_what_they_need_and_blocked_ones_say_why() -> None:
    def offer(name: str, *reasons: str, **more: Any) -> Any:
        given = {"needs_note": False, "is_grave": False, **more}
        return SimpleNamespace(name=name, label=name, reasons=reasons, is_open=not reasons, **given)

    offers = [
        offer("approve"),
        offer("return", needs_note=True),
        offer("void", is_grave=True),
        offer("publish", "还有 14 份待审核"),
    ]
    page = drawn(
        '{% ui_moves offers "/moves/" subject="湖南的申报" number_on="approve" number_name="approved_count"'
        " number_max=120 %}",
        offers=offers,
    )
    assert 'action="/moves/approve"' in page
    assert re.search(r'type="number"[^>]*max="120"[^>]*name="approved_count"', page)
    assert page.count('name="note"') == 2
    assert "湖南的申报" in re.findall(r'data-confirm="([^"]*)"', page)[0]
    assert "/moves/publish" not in page
    assert "还有 14 份待审核" in page


def test_a_move_that_confirms_asks_for_every_tick_and_says_what_was_on_the_screen() -> None:
    given = {"needs_note": False, "is_grave": False, "reasons": (), "is_open": True}
    offers = [SimpleNamespace(name=name, label=name, **given) for name in ("approve", "withdraw")]
    page = drawn(
        '{% ui_moves offers "/moves/" ticks_on="approve" ticks=ticks ticks_of="v2" %}',
        offers=offers,
        ticks={"seal": "有公章", "equal": "内容一致"},
    )
    approve, withdraw = page.split('action="/moves/withdraw"')
    assert re.findall(r'type="checkbox" name="checked" value="(\w+)" required', approve) == ["seal", "equal"]
    assert 'name="checked_of" value="v2"' in approve
    assert "checkbox" not in withdraw


def test_the_timeline_shows_traces_in_the_words_of_their_flow() -> None:
    from enum import StrEnum

    from onex.common.text import say
    from onex.common.workflow import FLOWS, Move, Workflow

    class State(StrEnum):
        DRAFT = "draft"
        SENT = "sent"

    flow = Workflow(
        "test.timeline",
        State.DRAFT,
        Move("send", (State.DRAFT,), State.SENT, "x", label=say("提交")),
        label=say("申报"),
        labels={State.DRAFT: say("草稿"), State.SENT: say("已提交")},
        tones={State.SENT: "info"},
        acts={"copy": say("复印一份")},
    )
    del FLOWS["test.timeline"]
    trace = SimpleNamespace(verb="send", to_state="sent", actor_label="王晓燕", hat="school", at=NOON, note="请审核")
    act = SimpleNamespace(verb="copy", to_state="", actor_label="王晓燕", hat="school", at=NOON, note="")
    page = drawn("{% ui_timeline traces flow=flow %}", traces=[trace, act], flow=flow)
    for words in ("提交", "已提交", "王晓燕", "试点院校", "2026年11月24日 周二 12:00", "请审核", "ox-tone-info"):
        assert words in page
    assert "复印一份" in page
    assert "copy" not in page


def test_a_job_asks_for_its_progress_until_it_is_done() -> None:
    assert 'hx-trigger="every 2s"' in drawn('{% ui_progress 3 9 "导入" url="/p" %}')
    assert "hx-get" not in drawn('{% ui_progress 9 9 "导入" url="/p" %}')
    assert "0 / 0" in drawn('{% ui_progress 0 0 "导入" %}')


def test_a_chart_brings_its_table_and_its_data_cannot_break_out() -> None:
    spec = {"kind": "bar", "categories": ["</script><b>"], "series": [{"name": "批准", "values": [1240]}]}
    page = drawn('{% ui_chart "名额" spec "q" %}', spec=spec)
    assert '<script id="chart-q" type="application/json">' in page
    assert page.count("</script>") == 1
    assert "1,240" in page
    assert "暂无数据" in drawn('{% ui_chart "名额" spec "q" %}', spec={"categories": [], "series": []})


# --- the whole
def all_templates() -> list[Path]:
    return sorted(SOURCE.glob("*/templates/**/*.html"))


def test_every_icon_a_template_names_is_drawn() -> None:
    named = {
        (name, path.name)
        for path in all_templates()
        for name in re.findall(r'(?:ui_icon |icon=)"([a-z0-9-]+)"', path.read_text("utf-8"))
    }
    assert len(named) > 20
    known = spoken._icons()
    assert [one for one in sorted(named) if one[0] not in known] == []


@pytest.mark.parametrize("path", sorted((SOURCE / "common" / "templates").rglob("*.html")), ids=lambda path: path.name)
def test_every_template_of_the_frame_compiles(path: Path) -> None:
    get_template(str(path.relative_to(SOURCE / "common" / "templates")))


def test_the_examples_of_the_manual_compile() -> None:
    examples = re.findall(r"```django\n(.*?)```", MANUAL.read_text("utf-8"), re.DOTALL)
    assert len(examples) >= 8
    for example in examples:
        inside = example if "{% extends" in example else "{% load i18n ui %}" + example
        try:
            Template(inside)
        except TemplateSyntaxError as wrong:
            pytest.fail(f"{wrong} in\n{example}")


@pytest.mark.parametrize("name", [name for name, _title in gallery.PAGES])
def test_the_patterns_can_be_looked_at(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    request = RequestFactory().get(f"/dev/gallery?show={name}")
    request.csp_nonce = ""  # type: ignore[attr-defined]
    answer = gallery.gallery(request)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert '<main class="ox-' in page
    assert not re.search(r'<style|\sstyle="|\son[a-z]+="|<script(?![^>]*(type="application/json"|src=))', page)


def test_the_500_page_needs_no_context() -> None:
    assert "系统出错了" in render_to_string("common/500.html")
