"""Who may do what in registration: the organisation runs sittings and decides entries, a school enters its students."""

from onex.common.actors import Role
from onex.common.permits import EVERY, PERMITS, USER, Permit, Reach
from onex.common.text import say
from onex.registration.rules.plans import ANNOUNCED_STATES

_ANNOUNCED = Reach("", where=(("levels__state__in", ANNOUNCED_STATES),))
_LEVEL_ANNOUNCED = Reach("", where=(("state__in", ANNOUNCED_STATES),))

# Sittings (考试计划)
Permit("registration.plan_open", say("开设统考"), {Role.ORG: Reach("pk")})  # asked of the organisation itself
Permit("registration.plan_edit", say("修改考试计划"), {Role.ORG: Reach("organisation")})
Permit(
    "registration.plan_see",
    say("查看考试计划"),
    {
        Role.ORG: Reach("organisation"),
        Role.FINANCE: Reach("organisation"),
        Role.SCHOOL: _ANNOUNCED,
        Role.REGISTRAR: _ANNOUNCED,
        Role.PROVINCE: _ANNOUNCED,
        Role.OPERATOR: EVERY,
        Role.AUDITOR: EVERY,
    },
)
Permit(
    "registration.plan_level_see",
    say("查看考试计划的证书等级"),
    {
        Role.ORG: Reach("plan__organisation"),
        Role.FINANCE: Reach("plan__organisation"),
        Role.SCHOOL: _LEVEL_ANNOUNCED,
        Role.REGISTRAR: _LEVEL_ANNOUNCED,
        Role.PROVINCE: _LEVEL_ANNOUNCED,
        Role.OPERATOR: EVERY,
        Role.AUDITOR: EVERY,
    },
)
Permit("registration.plan_manage", say("发布与截止报名"), {Role.ORG: Reach("plan__organisation")})
Permit(
    "registration.plan_progress",
    say("推进考试计划"),
    {Role.ORG: Reach("plan__organisation"), Role.SYSTEM: EVERY},
)

# The roster (学生库): nobody but the school itself, by its administrator or its registrar
Permit(
    "registration.student_import",
    say("导入学生名单"),
    # asked of the school itself
    {Role.SCHOOL: Reach("pk"), Role.REGISTRAR: Reach("pk")},
)
Permit(
    "registration.student_write",
    say("维护学生名单"),
    {Role.SCHOOL: Reach("school"), Role.REGISTRAR: Reach("school")},
)
Permit("registration.roster_lapse", say("放弃逾期未确认的名单"), {Role.SYSTEM: EVERY})
Permit(
    "registration.student_see",
    say("查看学生名单"),
    {Role.SCHOOL: Reach("school"), Role.REGISTRAR: Reach("school")},
)

# Students' own accounts and photos: the school hands out, the student looks at the own rows
_OF_SCHOOL = {Role.SCHOOL: Reach("school"), Role.REGISTRAR: Reach("school")}
OWN = Reach("user", to=USER)
Permit("registration.student_account", say("管理学生账号"), _OF_SCHOOL)
Permit("registration.photo_write", say("上传学生照片"), _OF_SCHOOL)
Permit("registration.photo_see", say("查看学生照片"), {**_OF_SCHOOL, Role.STUDENT: OWN})
Permit("registration.own_data", say("查看我的信息"), {Role.STUDENT: OWN})
Permit("registration.student_reveal", say("查看学生的完整号码"), _OF_SCHOOL)

# Entries (报名)
Permit(
    "registration.entry_create",
    say("为学生报名"),
    # asked of the school itself
    {Role.SCHOOL: Reach("pk"), Role.REGISTRAR: Reach("pk")},
)
Permit(
    "registration.entry_cancel",
    say("取消报名"),
    {Role.SCHOOL: Reach("student__school"), Role.REGISTRAR: Reach("student__school")},
)
Permit("registration.entry_review", say("受理报名"), {Role.ORG: Reach("plan_level__plan__organisation")})
Permit(
    "registration.entry_see",
    say("查看报名"),
    {
        Role.SCHOOL: Reach("student__school"),
        Role.REGISTRAR: Reach("student__school"),
        Role.ORG: Reach("plan_level__plan__organisation"),
        Role.PROVINCE: Reach("student__school__province"),
        Role.STUDENT: Reach("student__user", to=USER),
        Role.OPERATOR: EVERY,
        Role.AUDITOR: EVERY,
    },
)
# Asked of the application: who may look from its places to the entries on them. Each entry is asked again by itself.
_APPROVED = (("approved_count__isnull", False),)
Permit(
    "registration.places_see",
    say("查看占用名额的报名"),
    {
        Role.SCHOOL: Reach("school"),
        Role.REGISTRAR: Reach("school"),
        Role.ORG: Reach("level__certificate__issuer", where=_APPROVED),
        Role.PROVINCE: Reach("plan__province", where=(("submitted_at__isnull", False),)),
        Role.OPERATOR: Reach("", where=(("submitted_at__isnull", False),)),
        Role.AUDITOR: Reach("", where=(("submitted_at__isnull", False),)),
    },
)
# The statement of fees counts heads for each school: whoever keeps the books sees no candidate by name, and a student
# is told the fee of the own entry alone.
_COUNTED = {role: reach for role, reach in PERMITS["registration.entry_see"].reaches.items() if role != Role.STUDENT}
Permit(
    "registration.fee_see",
    say("查看考核费用"),
    {**_COUNTED, Role.FINANCE: Reach("plan_level__plan__organisation")},
)
Permit(
    "registration.entry_reveal",
    say("查看考生的完整号码"),
    {
        Role.SCHOOL: Reach("student__school"),
        Role.REGISTRAR: Reach("student__school"),
        Role.ORG: Reach("plan_level__plan__organisation"),
    },
)
