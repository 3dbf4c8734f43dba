"""The environment, read once and typed. Nothing else in OneX looks at `os.environ`.

An installation is one data directory: `.env` (secrets, mode 0600), databases, uploads. `./onex` writes it.
Without a `.env` the keys are random for this process: enough to lint, type-check and test, refused for serving.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import secrets
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ

ROOT = Path(__file__).resolve().parents[3]


@dataclass(frozen=True)
class Keys:
    """Secret keys with their ids; the first is used to make, all are used to check."""

    by_id: dict[str, bytes]

    @property
    def current(self) -> tuple[str, bytes]:
        return next(iter(self.by_id.items()))

    @property
    def oldest(self) -> Keys:
        """The last one alone."""
        return Keys(dict(list(self.by_id.items())[-1:]))

    @classmethod
    def parse(cls, text: str) -> Keys:
        """`id:base64,id:base64` → keys. Raises ValueError on anything else."""
        pairs = [part.split(":", 1) for part in text.split(",") if part]
        return cls({key_id: base64.b64decode(value, validate=True) for key_id, value in pairs})

    @classmethod
    def random(cls) -> Keys:
        return cls({"k1": secrets.token_bytes(32)})

    def __bool__(self) -> bool:
        return bool(self.by_id)

    def __str__(self) -> str:
        return ",".join(f"{key_id}:{base64.b64encode(key).decode()}" for key_id, key in self.by_id.items())


@dataclass(frozen=True)
class Environment:
    """Everything an installation may set, with the defaults of a school's first try."""

    data: Path
    ephemeral: bool
    testing: bool
    debug: bool
    secret_key: str
    data_keys: Keys  # field encryption
    index_keys: Keys  # blind indexes: one key for the life of what is indexed; else the oldest data key
    seat_keys: Keys  # seat tokens and receipts of the exam room
    sign_keys: Keys  # Ed25519 seeds for certificates
    audit_keys: Keys  # the signature on every trace
    audit_years: int  # how long traces are kept at least; never under three
    export_reason_rows: int  # more rows than these ask for a reason and raise the volume alarm
    database: dict[str, Any]
    room_database: dict[str, Any] | None
    allowed_hosts: list[str]
    public_url: str
    secure: bool  # served over https: secure cookies, HSTS
    second_factor: str  # "required" for everybody above a student, or "optional"
    email: dict[str, Any]  # Django's EMAIL_… settings
    mail_from: str
    sms_sender: str  # a class with send(phone, text); see common.post
    captcha: bool  # off only for demonstrations and browser tests
    password_profile: str  # asvs or mlps3; see accounts.rules.passwords
    storage: str  # "" = the data directory; s3://bucket?endpoint=…&region=…&prefix=…
    s3_key: str
    s3_secret: str
    clamd: str  # "" = no virus scanner; host:port or unix:/path
    trusted_proxies: int  # how many proxies of ours stand before the server
    log_level: str


@cache
def environment() -> Environment:
    """Read `.env` of the data directory and the process environment, once."""
    env = environ.Env()
    data = Path(env.str("ONEX_DATA", default=str(ROOT / "var"))).resolve()
    if (data / ".env").is_file():
        environ.Env.read_env(data / ".env")
    ephemeral = "ONEX_SECRET_KEY" not in os.environ

    def keys(name: str) -> Keys:
        text = env.str(name, default="")
        return Keys.parse(text) if text else Keys.random()

    data_keys = keys("ONEX_DATA_KEYS")
    public_url = env.str("ONEX_PUBLIC_URL", default="http://127.0.0.1:8000").rstrip("/")
    secure = public_url.startswith("https://")
    second_factor = env.str("ONEX_SECOND_FACTOR", default="required" if secure else "optional")
    if second_factor not in ("required", "optional"):
        raise ValueError(f'ONEX_SECOND_FACTOR is "required" or "optional", not {second_factor!r}')
    known_hosts = list(dict.fromkeys(["127.0.0.1", "localhost", "[::1]", urlsplit(public_url).hostname or "localhost"]))
    return Environment(
        data=data,
        ephemeral=ephemeral,
        testing=env.bool("ONEX_TESTING", default=False),
        debug=env.bool("ONEX_DEBUG", default=False),
        secret_key=env.str("ONEX_SECRET_KEY", default="") or secrets.token_urlsafe(48),
        data_keys=data_keys,
        index_keys=keys("ONEX_INDEX_KEYS") if env.str("ONEX_INDEX_KEYS", default="") else data_keys.oldest,
        seat_keys=keys("ONEX_SEAT_KEYS"),
        sign_keys=keys("ONEX_SIGN_KEYS"),
        audit_keys=Keys.parse(env.str("ONEX_AUDIT_KEYS", default="")) or derived_audit_keys(data_keys),
        audit_years=env.int("ONEX_AUDIT_YEARS", default=3),
        export_reason_rows=env.int("ONEX_EXPORT_REASON_ROWS", default=1_000),
        database=dict(env.db_url("DATABASE_URL", default=f"sqlite:///{data / 'onex.sqlite3'}")),
        room_database=dict(env.db_url("ROOM_DATABASE_URL")) if "ROOM_DATABASE_URL" in os.environ else None,
        allowed_hosts=env.list("ONEX_ALLOWED_HOSTS", default=known_hosts),
        public_url=public_url,
        secure=secure,
        second_factor=second_factor,
        email=dict(env.email_url("EMAIL_URL", default="consolemail://")),
        mail_from=env.str("ONEX_MAIL_FROM", default="OneX <noreply@localhost>"),
        sms_sender=env.str("ONEX_SMS_SENDER", default="onex.common.post.ConsoleSms"),
        captcha=env.str("ONEX_CAPTCHA", default="on").lower() not in ("off", "0", "false", "no"),
        password_profile=env.str("ONEX_PASSWORD_PROFILE", default="asvs"),
        storage=env.str("ONEX_STORAGE", default=""),
        s3_key=env.str("ONEX_S3_KEY", default=""),
        s3_secret=env.str("ONEX_S3_SECRET", default=""),
        clamd=env.str("ONEX_CLAMD", default=""),
        trusted_proxies=env.int("ONEX_TRUSTED_PROXIES", default=0),
        log_level=env.str("ONEX_LOG_LEVEL", default="WARNING"),
    )


def derived_audit_keys(data_keys: Keys) -> Keys:
    """The keys of traces of an installation whose `.env` is older than they are: made from its data keys.

    So an upgrade starts without anybody's hand; `./onex manage audit keys` prints the line that gives traces keys of
    their own and goes on checking what these signed.
    """
    return Keys(
        {
            f"derived-{key_id}": hmac.new(key, b"onex audit key", hashlib.sha256).digest()
            for key_id, key in data_keys.by_id.items()
        }
    )


def fresh_env_file() -> str:
    """The text of a new installation's `.env`: random secrets, nothing else decided."""
    return "".join(
        f"{name}={value}\n"
        for name, value in (
            ("ONEX_SECRET_KEY", secrets.token_urlsafe(48)),
            ("ONEX_DATA_KEYS", Keys.random()),
            ("ONEX_INDEX_KEYS", Keys.random()),
            ("ONEX_SEAT_KEYS", Keys.random()),
            ("ONEX_SIGN_KEYS", Keys.random()),
            ("ONEX_AUDIT_KEYS", Keys.random()),
        )
    )
