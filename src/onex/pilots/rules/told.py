"""What programs may ask of pilots, and what they are told: scopes and events."""

from onex.common.text import say
from onex.integrations.rules import Event, Scope

PLANS_READ = Scope("plans:read", say("读取证书申报计划"), "pilots.plan_see")
APPLICATIONS_READ = Scope("applications:read", say("读取证书试点申报"), "pilots.application_see")
APPLICATIONS_WRITE = Scope("applications:write", say("填报、提交和撤回证书试点申报"), "pilots.application_create")
PLACES_READ = Scope("places:read", say("读取培训名额和流水"), "pilots.application_see")

# By the move of an application or a plan; what has no line here is nobody else's news.
APPLICATION_EVENTS = {
    "submit": Event("pilots.application.submitted", say("申报已提交")),
    "pass": Event("pilots.application.passed", say("地市已同意")),
    "return": Event("pilots.application.returned", say("申报已退回")),
    "approve": Event("pilots.application.approved", say("申报已通过")),
    "reject": Event("pilots.application.rejected", say("申报未通过")),
    "correct": Event("pilots.application.corrected", say("审核结论已更正")),
    "withdraw": Event("pilots.application.withdrawn", say("申报已撤回")),
    "expire": Event("pilots.application.expired", say("名额已到期")),
    "adjust": Event("pilots.application.adjusted", say("批准人数已调整")),
}
PLAN_EVENTS = {
    "publish": Event("pilots.plan.published", say("申报计划已发布")),
    "change": Event("pilots.plan.changed", say("已发布的申报计划有变动")),
    "cancel": Event("pilots.plan.cancelled", say("申报计划已取消")),
}
