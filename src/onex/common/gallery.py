"""The patterns of the product on example content, for those who build pages: /dev/gallery, only with DEBUG."""

from __future__ import annotations

from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from django import forms
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from onex.common.actors import Actor, Role
from onex.common.clock import now
from onex.common.pages import public
from onex.common.text import Refused, say

PAGES = (
    ("parts", gettext_lazy("组件")),
    ("home", gettext_lazy("工作台")),
    ("list", gettext_lazy("列表")),
    ("record", gettext_lazy("详情")),
    ("form", gettext_lazy("表单")),
    ("review", gettext_lazy("审核")),
    ("import", gettext_lazy("导入")),
    ("console", gettext_lazy("监考台")),
    ("verify", gettext_lazy("公开查验")),
    ("states", gettext_lazy("空、错、长")),
)
SCHOOLS = (
    "湖南商贸职业技术学院",
    "江苏经贸职业技术学院",
    "浙江电子商务职业学院",
    "四川财经职业学院",
    "广东科贸职业学院",
)
LEVELS = ("直播电商（初级）", "直播电商（中级）", "新媒体技术（初级）", "新媒体技术（中级）", "直播电商（高级）")
STATES = (("待省级审核", "info"), ("审核通过", "good"), ("已退回", "warn"), ("不通过", "bad"), ("草稿", "neutral"))
PEOPLE = ("王晓燕", "李明轩", "陈佳怡", "赵子涵", "刘思远", "孙雨桐", "周浩然", "吴梦琪", "郑宇航", "欧阳若曦")


class PhoneForm(forms.Form):
    """The smallest form: what htmx does with 422."""

    phone = forms.RegexField(
        r"^[0-9-]+$",
        label=gettext_lazy("联系人电话"),
        error_messages={"invalid": gettext_lazy("联系电话只能有数字和连字符，例如 0731-88880000。")},
    )


class ApplicationForm(forms.Form):
    """The example form: the fields of a pilot application."""

    plan = forms.ChoiceField(label=gettext_lazy("申报批次"), choices=[("1", "2026 年第一次"), ("2", "2026 年第二次")])
    headcount = forms.IntegerField(
        label=gettext_lazy("申请培训总人数"),
        min_value=1,
        max_value=2000,
        help_text=gettext_lazy("根据学校计划填写参加考试的人数。"),
    )
    level = forms.ChoiceField(
        label=gettext_lazy("试点证书"),
        choices=list(zip("abcde", LEVELS, strict=True)),
        widget=forms.RadioSelect,
    )
    majors = forms.MultipleChoiceField(
        label=gettext_lazy("拟申报专业"),
        required=False,
        choices=[
            ("530701", "530701 电子商务"),
            ("530704", "530704 网络营销与直播电商"),
            ("510215", "510215 动漫制作技术"),
        ],
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("不添加则该证书对应的全部专业都可以报考。"),
    )
    starts_on = forms.DateField(label=gettext_lazy("计划开班日期"), widget=forms.DateInput(attrs={"type": "date"}))
    contact = forms.CharField(label=gettext_lazy("联系人姓名"), max_length=20)
    phone = forms.CharField(
        label=gettext_lazy("联系人电话"), max_length=20, help_text=gettext_lazy("手机或带区号的座机。")
    )
    teachers = forms.CharField(
        label=gettext_lazy("师资情况"),
        widget=forms.Textarea,
        help_text=gettext_lazy("拟参与试点专业的师资整体情况介绍。"),
    )
    evidence = forms.FileField(label=gettext_lazy("其他佐证材料"), required=False, help_text="PDF、DOC、DOCX，20 MB")
    is_true = forms.BooleanField(label=gettext_lazy("以上内容真实，已经学校负责人同意"))

    def clean_phone(self) -> str:
        phone: str = self.cleaned_data["phone"]
        if not phone.replace("-", "").isdigit():
            raise forms.ValidationError(_("联系电话只能有数字和连字符，例如 0731-88880000。"))
        return phone


@public
def gallery(request: HttpRequest) -> HttpResponse:
    """One pattern per `?show=`; `?problem=409` and `?problem=422` answer as a refused move and a wrong form do."""
    page = request.GET.get("show", "parts")
    if page not in dict(PAGES):
        raise Http404
    _wear_a_hat(request)
    at = getattr(request, "at", None) or now()
    if request.method == "POST" and request.GET.get("problem") == "409":
        raise Refused(
            say("申报时间已于 12月27日 18:00 结束，请等待下一批次。"),
            say("申请人数 120 人超过本省剩余名额 80 人。"),
        )
    small = PhoneForm(request.POST or None)
    if request.method == "POST" and request.GET.get("problem") == "422":
        return render(request, "common/gallery/_small.html", {"small": small}, status=200 if small.is_valid() else 422)
    form = ApplicationForm(request.POST or _MISTAKES if page == "form" else None)
    wrong = request.method == "POST" and page == "form" and not form.is_valid()
    context = {
        "page": page,
        "navigation": _navigation(page),
        "public_navigation": _public_navigation(),
        "form": form,
        "small": small,
        "inbox_count": 3,
        **_content(request, at),
    }
    return render(request, f"common/gallery/{page}.html", context, status=422 if wrong else 200)


_MISTAKES = {
    "plan": "1",
    "headcount": "0",
    "majors": ["530701"],
    "starts_on": "",
    "contact": "陈佳怡",
    "phone": "零七三一",
    "teachers": "现有专任教师 12 人，其中副高及以上 5 人；持有直播电商讲师证书 6 人。",
}


def _wear_a_hat(request: Any) -> None:
    school = SimpleNamespace(name=SCHOOLS[0])
    ids = [UUID(int=n) for n in range(1, 4)]
    request.actor = Actor(ids[0], PEOPLE[0], Role.SCHOOL, ids[1], school.name)
    request.hats = [
        SimpleNamespace(pk=ids[0], role="school", organisation=school, organisation_id=ids[1]),
        SimpleNamespace(
            pk=ids[2], role="assessor", organisation=SimpleNamespace(name="培训评价组织"), organisation_id=ids[2]
        ),
    ]


def _navigation(page: str) -> list[dict[str, Any]]:
    icons = {"list": "certificate", "console": "device-desktop"}
    return [
        {
            "title": _("页面样式"),
            "icon": "layout-grid",
            "items": [
                {"title": title, "url": f"?show={name}", "current": name == page, "badge": 3 if name in icons else None}
                for name, title in PAGES
            ],
        },
        {
            "title": _("证书管理"),
            "icon": "certificate",
            "items": [{"title": _("证书试点申报"), "url": "?show=list", "current": False}],
        },
        {
            "title": _("考务管理"),
            "icon": "clipboard-list",
            "items": [{"title": _("考核站点"), "url": "?show=record", "current": False}],
        },
    ]


def _public_navigation() -> list[dict[str, Any]]:
    titles = (_("首页"), _("证书与标准"), _("考试计划"), _("师资培训"), _("通知公告"), _("证书查验"))
    return [{"title": title, "url": "?show=verify", "current": n == 5} for n, title in enumerate(titles)]


def _content(request: HttpRequest, at: datetime) -> dict[str, Any]:
    rows = [
        {
            "number": f"2026-01-{n + 1:04d}",
            "school": SCHOOLS[n % 5],
            "level": LEVELS[(n * 3) % 5],
            "asked": 40 + (n * 37) % 160,
            "approved": (30 + (n * 31) % 140) if n % 5 == 1 else None,
            "state": STATES[n % 5][0],
            "tone": STATES[n % 5][1],
            "at": at - timedelta(hours=5 * n + 2),
        }
        for n in range(68)
    ]
    return {
        "rows": Paginator(rows, 12).get_page(request.GET.get("page")),
        "chips": [
            {"label": _("全部"), "value": "", "count": 68},
            {"label": "待省级审核", "value": "filed", "count": 14},
            {"label": "审核通过", "value": "approved", "count": 14},
            {"label": "已退回", "value": "returned", "count": 14},
        ],
        "soon": at + timedelta(days=3, hours=4, minutes=10),
        "later": at + timedelta(days=24),
        "hours": at + timedelta(hours=5, minutes=30),
        "past": at - timedelta(days=9),
        "at": at,
        "steps": [
            {"label": _("填报"), "state": "done", "note": "11月20日"},
            {"label": _("提交"), "state": "done", "note": "11月21日"},
            {"label": _("省级审核"), "state": "current", "note": _("湖南省教育厅")},
            {"label": _("获得名额"), "state": "todo"},
        ],
        "stopped": [
            {"label": _("填报"), "state": "done"},
            {"label": _("提交"), "state": "done"},
            {"label": _("已退回"), "state": "stopped", "note": _("等待学校修改")},
            {"label": _("获得名额"), "state": "todo"},
        ],
        "entries": [
            {"who": "周浩然（湖南省教育厅）", "hat": Role.PROVINCE.label,
             "at": at - timedelta(hours=3), "what": _("退回"),
             "note": "场地情况没有写明机房数量和监控设备，请补充后再提交。", "tone": "warn", "state": "已退回"},
            {"who": "王晓燕（湖南商贸职业技术学院）", "hat": Role.SCHOOL.label,
             "at": at - timedelta(days=1), "what": _("提交"),
             "tone": "info", "state": "待省级审核"},
            {"who": "王晓燕（湖南商贸职业技术学院）", "hat": Role.SCHOOL.label,
             "at": at - timedelta(days=2), "what": _("创建")},
        ],
        "offers": _offers(),
        "canned": {"return": ["师资情况不完整", "场地情况没有写明机房数量", "申请人数与在校生规模不符"]},
        "checklist": [
            {"label": _("基本信息"), "done": True},
            {"label": _("师资情况"), "done": True},
            {"label": _("场地情况"), "done": False, "url": "#field-teachers", "note": _("请写明机房数量和监控设备")},
            {"label": _("盖章的申请表"), "done": False, "url": "#field-evidence"},
        ],
        "tabs": [
            {"label": _("申报内容"), "url": "?show=record", "current": True, "count": None},
            {"label": _("学生名单"), "url": "?show=record", "current": False, "count": 88},
            {"label": _("收费"), "url": "?show=record", "current": False, "count": 0},
        ],
        "chart": {
            "kind": "bar", "unit": _("人"), "category": _("省份"),
            "categories": ["湖南", "江苏", "浙江", "四川", "广东", "黑龙江"],
            "series": [{"name": _("批准"), "values": [1240, 980, 1100, 640, 720, 90]},
                       {"name": _("已使用"), "values": [1012, 400, 1100, 212, 530, 0], "colour": 1}],
        },
        "line": {
            "kind": "line", "unit": _("人"), "category": _("日期"), "categories": [f"11-{d}" for d in range(14, 25)],
            "series": [{"name": _("报名人数"), "values": [12, 30, 44, 80, 96, 130, 180, 190, 260, 301, 322]}],
        },
        "stack": {
            "kind": "stacked", "unit": _("人"), "category": _("级别"), "categories": ["初级", "中级", "高级"],
            "series": [{"name": _("合格"), "values": [320, 210, 60], "colour": 2},
                       {"name": _("不合格"), "values": [42, 66, 31], "colour": 1},
                       {"name": _("缺考"), "values": [8, 5, 2], "colour": 4}],
        },
        "nothing": {"kind": "bar", "unit": "", "categories": [], "series": []},
        "bad_rows": [
            {"row": 7, "name": "李明轩", "column": "身份证件号码", "value": "11010519491231002", "why": "号码少一位"},
            {"row": 23, "name": "欧阳若曦", "column": "专业代码", "value": "5307O4", "why": "代码里有字母 O"},
            {"row": 41, "name": "", "column": "姓名", "value": "", "why": "姓名没有填写"},
        ],
        "seats": _seats(),
        "problems_example": [
            say("申报时间已于 12月27日 18:00 结束，请等待下一批次。"),
            say("申请人数 120 人超过本省剩余名额 80 人。"),
        ],
        "nothing_yet": [],
        "long": "关于" + "进一步做好直播电商和新媒体技术职业技能等级证书考核站点申报与考务组织工作" * 3 + "的通知",
    }  # fmt: skip


def _offers() -> list[Any]:
    def offer(name: str, label: str, *reasons: str, needs_note: bool = False, is_grave: bool = False) -> Any:
        return SimpleNamespace(
            name=name, label=label, reasons=reasons, is_open=not reasons, needs_note=needs_note, is_grave=is_grave
        )

    return [
        offer("approve", _("审核通过")),
        offer("return", _("退回修改"), needs_note=True),
        offer("refuse", _("不予通过"), needs_note=True, is_grave=True),
        offer("publish", _("公示"), "公示须在全部申报审核结束后进行，还有 14 份待审核。"),
    ]


def _seats() -> list[dict[str, Any]]:
    words = {"good": ("作答中", "pencil"), "info": ("已交卷", "circle-check"), "neutral": ("未登录", "user-x"),
             "warn": ("断开 2 分钟", "wifi-off"), "bad": ("请求帮助", "hand-stop")}  # fmt: skip
    tones = ["good"] * 9 + ["info", "good", "warn", "good", "neutral", "good", "good", "bad"] + ["good"] * 12
    seats: list[dict[str, Any]] = []
    for n, tone in enumerate(tones):
        word, icon = words[tone]
        seats.append({"number": n + 1, "name": PEOPLE[n % 10], "tone": tone, "word": word, "icon": icon})
    return [*seats[:14], {"number": None}, *seats[14:], {"number": None}]
