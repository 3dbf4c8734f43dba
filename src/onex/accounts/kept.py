"""What somebody had typed when their sign-in was over: kept sealed for half an hour, given back to the same person.

It lies in the visitor's own (new, anonymous) session, so it goes where their cookie goes and nowhere else; passwords
and files are never kept, and nobody but the person who sent it, in this browser, gets it back.
"""

from __future__ import annotations

import base64
import json
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from onex.common.sealed import Unreadable, seal, unseal

_NAME, _SHOWN, _PURPOSE = "kept_post", "kept_post_shown", "accounts.kept_post"
LIFE = timedelta(minutes=30)
LARGEST = 200_000  # characters; a form that people type is a hundredth of it
_SECRET_WORDS = ("password", "csrfmiddlewaretoken", "credential", "captcha")


@dataclass(frozen=True)
class KeptPost:
    """A form as it was sent: to which address, in which hat, with which fields."""

    path: str
    fields: list[tuple[str, str]]
    had_files: bool
    user: str
    hat: str | None


def keep(request: Any, user_id: UUID, hat_id: UUID | None) -> bool:
    """Keep this request's form in the session; answers whether it could be."""
    if request.content_type not in ("application/x-www-form-urlencoded", "multipart/form-data"):
        return False
    fields = [
        (name, value)
        for name, values in request.POST.lists()
        if not any(word in name.lower() for word in _SECRET_WORDS)
        for value in values
    ]
    if sum(len(name) + len(value) for name, value in fields) > LARGEST:
        return False
    post = KeptPost(
        request.get_full_path(), fields, bool(request.FILES), str(user_id), str(hat_id) if hat_id is not None else None
    )
    sealed = seal(json.dumps(asdict(post) | {"at": request.at.isoformat()}), _PURPOSE)
    request.session.pop(_SHOWN, None)
    request.session[_NAME] = base64.b64encode(sealed).decode()
    return True


def look(session: Any, user_id: UUID, at: datetime) -> KeptPost | None:
    """What this person had typed, while it is kept; what is somebody else's or too old is dropped unread."""
    text = session.get(_NAME)
    if text is None:
        return None
    try:
        told = json.loads(unseal(base64.b64decode(text), _PURPOSE))
    except (Unreadable, ValueError):
        told = None
    if told is None or told["user"] != str(user_id) or at - datetime.fromisoformat(told.pop("at")) > LIFE:
        drop(session)
        return None
    return KeptPost(**told | {"fields": [(name, value) for name, value in told["fields"]]})


def drop(session: Any) -> None:
    """Forget it: sent again, or not wanted."""
    session.pop(_NAME, None)
    session.pop(_SHOWN, None)


def mark_shown(session: Any) -> None:
    """Its person sees it now: it waits for being sent, and no sign-in leads to it any more."""
    session[_SHOWN] = True


def was_shown(session: Any) -> bool:
    return bool(session.get(_SHOWN))
