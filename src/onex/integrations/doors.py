"""How often a program may knock: with a good token, to write, and with a wrong one."""

from onex.common.limits import Door, Limit
from onex.common.text import say

MINUTE, DAY = 60, 86_400

USE = Door("integrations.token", say("接口令牌"), Limit("token", 300, MINUTE), Limit("token", 50_000, DAY))
WRITE = Door("integrations.write", say("接口令牌写入"), Limit("token", 60, MINUTE))
# Wrong tokens: who guesses is slowed down, and the log is not theirs to fill.
WRONG = Door("integrations.wrong", say("错误的接口令牌"), Limit("address", 60, 10 * MINUTE))
