"""What people are told of sittings, each with the only places its words may have."""

from __future__ import annotations

from onex.common.actors import Role
from onex.common.text import Say, say
from onex.notices.rules import Template

_LEVEL_PLACES = {
    "organisation": say("培训评价组织"),
    "title": say("统考名称"),
    "level": say("证书等级"),
    "slots": say("考试时间"),
    "opens": say("报名开始时间"),
    "closes": say("报名截止时间"),
}
_LEVEL_SAMPLES: dict[str, Say | str] = {
    "organisation": "南京示范评价组织",
    "title": "2026 年第七次统考",
    "level": "直播电商（初级）",
    "slots": "2026-12-20 14:00–18:00",
    "opens": "2026年11月20日 09:00",
    "closes": "2026年12月5日 18:00",
}
ANNOUNCED_SCHOOL = Template(
    "registration.announced_school",
    kind=say("统考"),
    label=say("发布报名通知"),
    subject=say("{title}（{level}）报名通知"),
    text=say(
        "{organisation}发布了{title}的报名通知：{level}，考试时间 {slots}。\n"
        "报名时间：{opens} 至 {closes}，请按时为学生报名。"
    ),
    placeholders=_LEVEL_PLACES,
    audience=(Role.SCHOOL, Role.REGISTRAR),
    samples=_LEVEL_SAMPLES,
)
_RETRACTED = ("organisation", "title", "level")
RETRACTED_SCHOOL = Template(
    "registration.retracted_school",
    kind=say("统考"),
    label=say("撤回报名通知"),
    subject=say("{title}（{level}）的报名通知已撤回"),
    text=say("{organisation}撤回了{title}（{level}）的报名通知，暂不能报名；重新发布时会再次通知。"),
    placeholders={name: _LEVEL_PLACES[name] for name in _RETRACTED},
    audience=(Role.SCHOOL, Role.REGISTRAR),
    samples={name: _LEVEL_SAMPLES[name] for name in _RETRACTED},
)
# By the moves of the table.
OF_LEVELS = {"announce": ANNOUNCED_SCHOOL, "retract": RETRACTED_SCHOOL}
_PLACES = {
    "title": say("统考名称"),
    "before": say("原定时间"),
    "after": say("新的时间"),
    "reason": say("改期原因"),
    "count": say("考生人数"),
    "tickets": say("准考证说明"),
}
_SAMPLES: dict[str, Say | str] = {
    "title": "2026 年第七次统考",
    "before": "2026-12-20 14:00–18:00",
    "after": "2026-12-27 14:00–18:00",
    "reason": "考点停电检修",
    "count": "46",
    "tickets": say("已发布的准考证作废，重新发布后请再次打印。"),
    "site": "南京示范职业技术学院考核站点",
}
TICKETS_VOID = say("已发布的准考证作废，重新发布后请再次打印。")
RESCHEDULED_SCHOOL = Template(
    "registration.rescheduled_school",
    kind=say("统考"),
    label=say("统考改期"),
    subject=say("{title}改期"),
    text=say(
        "{title}改期：原定 {before}，现改为 {after}。原因：{reason}\n"
        "贵校 {count} 名考生的报名继续有效，请通知考生。{tickets}"
    ),
    placeholders=_PLACES,
    audience=(Role.SCHOOL, Role.REGISTRAR),
    samples={name: _SAMPLES[name] for name in _PLACES},
)
RESCHEDULED_SITE = Template(
    "registration.rescheduled_site",
    kind=say("统考"),
    label=say("本考点的统考改期"),
    subject=say("{title}改期，请重新安排考场"),
    text=say(
        "{title}改期：原定 {before}，现改为 {after}。原因：{reason}\n"
        "{site}有 {count} 名考生，请确认考场和人员在新的时间可用。{tickets}"
    ),
    placeholders={**_PLACES, "site": say("考核站点")},
    audience=(Role.SITE_MANAGER, Role.SCHOOL),
    samples=_SAMPLES,
)
_OWN = tuple(name for name in _PLACES if name != "count")
RESCHEDULED_CANDIDATE = Template(
    "registration.rescheduled_candidate",
    kind=say("统考"),
    label=say("我报名的统考改期"),
    subject=say("{title}改期"),
    text=say(
        "您报名的{title}改期：原定 {before}，现改为 {after}。原因：{reason}\n报名继续有效，不需要办理手续。{tickets}"
    ),
    placeholders={name: _PLACES[name] for name in _OWN},
    audience=(Role.STUDENT,),
    samples={name: _SAMPLES[name] for name in _OWN},
)
