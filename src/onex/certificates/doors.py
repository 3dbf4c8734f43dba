"""How often certificates may be looked up: enough for an employer's pile, too few for a walk over numbers."""

from onex.common.limits import Door, Limit
from onex.common.text import say

# Up to here without more ado; after that each look-up answers a picture first.
VERIFY_FREELY = Door(
    "certificates.verify_freely",
    say("证书查验（免验证码）"),
    Limit("address", 10, 60),
    Limit("target", 20, 3600),  # names tried with one number, from wherever
)
VERIFY = Door("certificates.verify", say("证书查验"), Limit("address", 60, 60), Limit("address", 1000, 24 * 3600))
VERIFY_QR = Door("certificates.verify_qr", say("证书二维码查验"), Limit("address", 60, 60))
