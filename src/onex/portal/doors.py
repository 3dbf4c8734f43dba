"""The portal's own door: calendars that programs fetch again and again."""

from onex.common.limits import Door, Limit
from onex.common.text import say

# A calendar program asks a few times a day; a school or a mail provider asks for many people from one address.
FEED = Door("portal.calendar_feed", say("订阅统考日历"), Limit("address", 120, 60))
