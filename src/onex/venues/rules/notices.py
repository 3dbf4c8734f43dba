"""What people are told of site applications and of sites, each with the only places its words may have."""

from __future__ import annotations

from collections.abc import Mapping

from onex.common.actors import Role
from onex.common.text import Say, say
from onex.notices.rules import Template

_KIND = say("考核站点")
APPLICANTS, REVIEWERS = (Role.SCHOOL,), (Role.ORG, Role.SITE_REVIEWER)
CONCERNED = (Role.SCHOOL, Role.SITE_MANAGER)  # of a site: its school, and its own people
_PLACES = {
    "school": say("院校"),
    "site": say("考核站点名称"),
    "organisation": say("培训评价组织"),
    "note": say("意见"),
    "until": say("有效期至"),
}
_SAMPLES: Mapping[str, Say | str] = {
    "school": "南京示范职业技术学院",
    "site": "南京示范职业技术学院直播电商职业技能等级证书(初)考核站点",
    "organisation": "示范培训评价组织",
    "note": "申请表未盖学校公章。",
    "until": "2027年12月1日",
}


def _template(code: str, label: Say, subject: Say, text: Say, *places: str, to: tuple[Role, ...]) -> Template:
    return Template(
        f"venues.{code}",
        kind=_KIND,
        label=label,
        subject=subject,
        text=text,
        placeholders={name: _PLACES[name] for name in places},
        audience=to,
        samples={name: _SAMPLES[name] for name in places},
    )


# By the move of an application: whoever has to look next, or the school.
OF_APPLICATIONS = {
    "submit": _template(
        "application_submitted",
        say("考核站点申请待审核"),
        say("{school}提交了考核站点申请"),
        say("{school}提交了“{site}”的申请，请核对盖章版申请表后审核。"),
        "school",
        "site",
        to=REVIEWERS,
    ),
    "return": _template(
        "application_returned",
        say("考核站点申请被退回"),
        say("考核站点申请被退回，请修改"),
        say("“{site}”的申请被{organisation}退回：{note}\n请修改后重新提交。"),
        "site",
        "organisation",
        "note",
        to=APPLICANTS,
    ),
    "approve": _template(
        "application_approved",
        say("考核站点申请已通过"),
        say("考核站点申请已通过"),
        say("“{site}”的申请已由{organisation}审核通过，站点即日启用，有效期至{until}。"),
        "site",
        "organisation",
        "until",
        to=APPLICANTS,
    ),
}
CHANGED = _template(
    "change_approved",
    say("考核站点变更已通过"),
    say("考核站点变更申请已通过"),
    say("“{site}”的变更申请已由{organisation}审核通过，站点信息已更新。"),
    "site",
    "organisation",
    to=APPLICANTS,
)
# By the move of a site: its school and its own people.
OF_SITES = {
    "suspend": _template(
        "site_suspended",
        say("考核站点已停用"),
        say("考核站点已停用"),
        say("“{site}”已被{organisation}停用：{note}\n停用期间不接受新的报名，已有报名不受影响。"),
        "site",
        "organisation",
        "note",
        to=CONCERNED,
    ),
    "restore": _template(
        "site_restored",
        say("考核站点已恢复启用"),
        say("考核站点已恢复启用"),
        say("“{site}”已由{organisation}恢复启用：{note}"),
        "site",
        "organisation",
        "note",
        to=CONCERNED,
    ),
    "confirm": _template(
        "site_confirmed",
        say("考核站点年度确认"),
        say("考核站点已通过年度确认"),
        say("“{site}”已由{organisation}办理年度确认，有效期至{until}。"),
        "site",
        "organisation",
        "until",
        to=CONCERNED,
    ),
    "expire": _template(
        "site_expired",
        say("考核站点已过有效期"),
        say("考核站点已过有效期"),
        say("“{site}”的有效期已于{until}结束，不再接受新的报名。请联系{organisation}办理年度确认。"),
        "site",
        "organisation",
        "until",
        to=CONCERNED,
    ),
    "revoke": _template(
        "site_revoked",
        say("考核站点已撤销"),
        say("考核站点已撤销"),
        say("“{site}”已被{organisation}撤销：{note}\n需要再次承担考核的，请重新申报。"),
        "site",
        "organisation",
        "note",
        to=CONCERNED,
    ),
}
# Before the last day, once: those who ask for the confirmation and those who give it.
DUE = _template(
    "site_due",
    say("考核站点年度确认即将到期"),
    say("考核站点有效期至{until}，请办理年度确认"),
    say("“{site}”的有效期至{until}。到期前由{organisation}办理年度确认；逾期未确认的，不再接受新的报名。"),
    "site",
    "organisation",
    "until",
    to=(*CONCERNED, *REVIEWERS),
)
