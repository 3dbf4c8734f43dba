"""How often the invigilators' door may be tried: failures, for each name from one address, each name, each address.

A name is no secret and many bear it: five wrong codes of a stranger must not keep everybody called so out of a room.
Eight random characters stand three hundred guesses a minute.
"""

from onex.common.limits import Door, Limit
from onex.common.text import say

ROOM_SIGN_IN = Door(
    "examroom.sign_in", say("监考登录"), Limit("pair", 5, 60), Limit("account", 300, 60), Limit("address", 60, 60)
)
