"""Who may give programs a way in, and have events sent out. Why these hats: docs/decisions/0111."""

from onex.common.actors import Role
from onex.common.permits import EVERY, USER, Permit, Reach
from onex.common.text import say

# Asked of the hat that the token will act in: nobody makes one for somebody else.
Permit(
    "integrations.token_issue",
    say("签发接口令牌"),
    dict.fromkeys((Role.PROVINCE, Role.SCHOOL, Role.ORG, Role.OPERATOR), Reach("user", to=USER)),
)
_OWN = Reach("hat__user", to=USER)
_OF_THE_HOUSE = Reach("hat__organisation")
Permit(
    "integrations.token_see",
    say("查看接口令牌"),
    {
        Role.PROVINCE: _OWN,
        Role.ORG: _OWN,
        Role.OPERATOR: _OWN,
        # Who looks after an organisation's people looks after what acts in their name. A school's is its officer.
        Role.SCHOOL: _OF_THE_HOUSE,
        Role.ADMIN: _OF_THE_HOUSE,
        Role.SECURITY_ADMIN: EVERY,
        Role.AUDITOR: EVERY,
    },
)
Permit(
    "integrations.token_revoke",
    say("吊销接口令牌"),
    {
        Role.PROVINCE: _OWN,
        Role.ORG: _OWN,
        Role.OPERATOR: _OWN,
        Role.SCHOOL: _OF_THE_HOUSE,
        Role.ADMIN: _OF_THE_HOUSE,
        Role.SECURITY_ADMIN: EVERY,
    },
)
# A receiver belongs to the organisation, not to whoever typed it. Asked of the organisation itself, then of the row.
_HATS = (Role.PROVINCE, Role.SCHOOL, Role.ORG, Role.OPERATOR, Role.ADMIN)
Permit("integrations.webhook_create", say("新建事件接收地址"), dict.fromkeys(_HATS, Reach("pk")))
Permit("integrations.webhook_manage", say("管理事件接收地址"), dict.fromkeys(_HATS, Reach("organisation")))
