"""How often each door of accounts may be tried: the one table (docs/decisions/0102-the-door.md gives the reasons).

`address` counts an address of nobody in particular, `site` one inside a range that a school or an exam site registered
(`accounts.models.NetworkRange`): whole computer rooms sign in from one address there.
"""

from __future__ import annotations

from onex.common.limits import Door, Limit
from onex.common.text import say

MINUTE, HOUR, DAY = 60, 3600, 24 * 3600

# Failures: what succeeds is given back.
SIGN_IN = Door(
    "accounts.sign_in",
    say("登录"),
    Limit("account", 30, HOUR),
    Limit("address", 30, 10 * MINUTE),
    Limit("site", 300, 10 * MINUTE),
)
# The lock-out: one account from one address.
PAIR = Door("accounts.sign_in_pair", say("登录锁定"), Limit("pair", 5, 15 * MINUTE))
LOCKED = Door("accounts.locked", say("登录锁定次数"), Limit("pair", 1_000_000, DAY))  # makes the next one longer
UNLOCKED = Door("accounts.unlocked", say("解除锁定"), Limit("account", 1_000_000, 30 * DAY))
LOCK_SECONDS, LONGEST_LOCK_SECONDS = 15 * MINUTE, 4 * HOUR

# Codes and links that are sent: dear, and a nuisance to whom they are sent.
SEND = Door(
    "accounts.send",
    say("发送验证码或重设链接"),
    Limit("account", 3, 10 * MINUTE),
    Limit("account", 10, DAY),
    Limit("address", 15, 10 * MINUTE),
    Limit("site", 150, 10 * MINUTE),
)
PHONE_SEND = Door(
    "accounts.phone_send",
    say("手机验证码"),
    Limit("target", 1, MINUTE),
    Limit("target", 5, HOUR),
    Limit("target", 10, DAY),
    Limit("address", 15, 10 * MINUTE),
    Limit("site", 150, 10 * MINUTE),
)
# Guesses at six digits: five for the life of a code.
CODE = Door(
    "accounts.code",
    say("验证码核对"),
    Limit("target", 5, 30 * MINUTE),
    Limit("address", 60, 10 * MINUTE),
    Limit("site", 600, 10 * MINUTE),
)
# Addresses that carry a secret: 43 random characters guard them, the count guards the server.
LINK = Door("accounts.link", say("激活与重设链接"), Limit("address", 60, MINUTE), Limit("site", 600, MINUTE))
PASSWORD_CHANGE = Door("accounts.password_change", say("修改密码"), Limit("account", 5, 15 * MINUTE))
REGISTER = Door("accounts.register", say("院校注册"), Limit("address", 30, HOUR), Limit("site", 60, HOUR))
REGISTRATION_LINK = Door(
    "accounts.registration_link", say("院校注册进度查询"), Limit("address", 60, MINUTE), Limit("site", 300, MINUTE)
)
