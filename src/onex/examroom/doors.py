"""How often the invigilators' door may be tried: failures, for each name and each address."""

from onex.common.limits import Door, Limit
from onex.common.text import say

ROOM_SIGN_IN = Door("examroom.sign_in", say("监考登录"), Limit("account", 5, 60), Limit("address", 60, 60))
