"""The picture code: four characters that people read and programs read with effort.

A token names a picture: a random number, when it was given out, and a keyed digest that binds both to one browser. The
characters follow from the number by our key, so nothing of them is stored or sent, and giving a picture out writes no
row; answering one does, which is why it can be answered once only, right or wrong.
"""

from __future__ import annotations

import io
import random
import secrets
from datetime import datetime, timedelta
from functools import wraps
from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpResponse
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageDraw, ImageFont

from onex.common.clock import to_ms
from onex.common.doors import CAPTCHA_USE, CAPTCHA_WRONG
from onex.common.limits import TooMany, enter, give_back
from onex.common.origins import household
from onex.common.pages import View, typed
from onex.common.sealed import blind_index

LIFE = timedelta(seconds=120)
LENGTH = 4
CHARACTERS = "34679ABCDEFHJKMNPRTUVWXY"  # none that is taken for another: no 0 O Q, 1 I L, 2 Z, 5 S, G, 8
_SIZE = (140, 44)  # as shown; drawn twice as large for sharp screens
_BACK = (246, 248, 251)
_INKS = ((23, 43, 77), (11, 79, 108), (84, 32, 93), (30, 77, 43), (110, 40, 20))  # all dark enough on the ground


def new_token(visit: str, at: datetime) -> str:
    """A picture for this browser, to be answered within LIFE."""
    body = f"{secrets.token_hex(12)}.{to_ms(at):x}"
    return f"{body}.{_seal(body, visit)}"


def is_good(token: str, visit: str, at: datetime) -> bool:
    """Whether the token is ours, of this browser and still young enough."""
    body, _dot, seal = token.rpartition(".")
    if not visit or not constant_time_compare(seal, _seal(body, visit)):
        return False
    age = to_ms(at) - int(body.partition(".")[2], 16)
    return 0 <= age <= LIFE.total_seconds() * 1000


def answer_of(token: str) -> str:
    """The characters in the picture of a token."""
    digest = int(blind_index(token.partition(".")[0], "captcha answer"), 16)
    found = ""
    for _place in range(LENGTH):
        digest, which = divmod(digest, len(CHARACTERS))
        found += CHARACTERS[which]
    return found


def is_answered(token: str, answer: str, visit: str, at: datetime) -> bool:
    """Whether this answers the picture; whatever is answered, the picture is used up."""
    if not is_good(token, visit, at):
        return False
    try:
        enter(CAPTCHA_USE, at=at, captcha=token)
    except TooMany:
        return False
    return constant_time_compare(answer.strip().upper(), answer_of(token))


def _seal(body: str, visit: str) -> str:
    return blind_index(f"{body} {visit}", "captcha token")[:32]


def picture(token: str) -> bytes:
    """The picture as PNG. The same token always gives the same picture: asking twice averages no noise away."""
    dice = random.Random(blind_index(token, "captcha noise"))  # noqa: S311  (noise, not a secret)
    scale = 2
    width, height = _SIZE[0] * scale, _SIZE[1] * scale
    image = Image.new("RGB", (width, height), _BACK)
    draw = ImageDraw.Draw(image)
    for _line in range(7):
        ends = [(dice.randint(0, width), dice.randint(0, height)) for _end in range(2)]
        draw.line(ends, fill=_pale(dice), width=dice.randint(2, 4))
    step = (width - 40) / LENGTH
    for place, character in enumerate(answer_of(token)):
        _write(image, character, (20 + place * step + step / 2, height / 2), dice)
    for _line in range(2):  # through the characters, thinner than their strokes: people read on, separators fail
        _wave(draw, width, height, dice)
    for _dot in range(160):
        x, y = dice.randint(0, width), dice.randint(0, height)
        draw.ellipse((x, y, x + 2, y + 2), fill=_pale(dice))
    out = io.BytesIO()
    image.save(out, "PNG", optimize=True)
    return out.getvalue()


def _write(image: Image.Image, character: str, middle: tuple[float, float], dice: random.Random) -> None:
    font = ImageFont.load_default(dice.randint(54, 64))
    glyph = Image.new("L", (96, 96), 0)
    ImageDraw.Draw(glyph).text((48, 48), character, fill=255, font=font, anchor="mm", stroke_width=1)
    glyph = glyph.rotate(dice.uniform(-22, 22), resample=Image.Resampling.BICUBIC)
    shear = dice.uniform(-0.2, 0.2)
    glyph = glyph.transform(
        glyph.size, Image.Transform.AFFINE, (1, shear, -48 * shear, 0, 1, 0), resample=Image.Resampling.BICUBIC
    )
    x, y = int(middle[0] - 48 + dice.randint(-6, 6)), int(middle[1] - 48 + dice.randint(-8, 8))
    image.paste(Image.new("RGB", glyph.size, dice.choice(_INKS)), (x, y), glyph)


def _wave(draw: ImageDraw.ImageDraw, width: int, height: int, dice: random.Random) -> None:
    points = [(x, dice.randint(height // 4, height * 3 // 4)) for x in range(0, width + 1, width // 6)]
    draw.line(points, fill=dice.choice(_INKS), width=2, joint="curve")


def _pale(dice: random.Random) -> tuple[int, int, int]:
    return (dice.randint(150, 215), dice.randint(150, 215), dice.randint(150, 215))


# --- the browser it is bound to, and the form


def cookie_name() -> str:
    """The cookie that tells one browser from another before anybody has signed in."""
    return "__Host-onex_visit" if settings.SESSION_COOKIE_SECURE else "onex_visit"


def with_captcha(view: View) -> View:
    """For views whose page asks for the picture: `request.visit` names the browser, a cookie keeps the name."""

    @wraps(view)
    def guarded(request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        known = request.COOKIES.get(cookie_name(), "")
        request.visit = known if len(known) == 32 else secrets.token_hex(16)
        response = view(request, *args, **kwargs)
        if request.visit != known:
            response.set_cookie(
                cookie_name(), request.visit, secure=settings.SESSION_COOKIE_SECURE, httponly=True, samesite="Lax"
            )
        return response

    return guarded


class _Unkept(forms.TextInput):
    """A field that is empty on every page: what was typed belonged to another picture."""

    def format_value(self, value: Any) -> None:
        return None


class CaptchaForm(forms.Form):
    """A form that asks for the picture code, where the installation does; give it the request."""

    captcha = forms.CharField(label=_("验证码"), max_length=12, required=False, widget=_Unkept)

    def __init__(self, data: Any = None, *args: Any, request: Any, asks: bool = True, **kwargs: Any) -> None:
        super().__init__(data, *args, **kwargs)
        self.request = request
        self.asks_for_picture: bool = asks and settings.CAPTCHA
        last = self.fields.pop("captcha")  # judged after everything else
        if self.asks_for_picture:
            self.fields["captcha"] = last

    def clean_captcha(self) -> str:
        # A picture is used up by being answered, so it is only looked at when everything before it is right.
        if self.errors:
            return ""
        answer, token = self.cleaned_data["captcha"], typed(self.data, "captcha_token")
        if not answer:
            raise forms.ValidationError(_("请输入图片中的验证码"))
        tried = {"address": household(self.request.address)}
        enter(CAPTCHA_WRONG, at=self.request.at, **tried)
        if not is_answered(token, answer, self.request.visit, self.request.at):
            raise forms.ValidationError(_("验证码不正确或已过期，请按新的图片重新输入"))
        give_back(CAPTCHA_WRONG, at=self.request.at, **tried)
        return ""

    @property
    def fresh_token(self) -> str:
        """A new picture for the page: every page shows one that nobody has answered yet."""
        return new_token(self.request.visit, self.request.at)
