"""Where handed-in files are kept: the data directory, or an S3-compatible store that ONEX_STORAGE names."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any
from urllib.parse import parse_qs, urlsplit

from onex.config.env import Environment


def storage(env: Environment) -> dict[str, Any]:
    """Django's STORAGES["default"]. Raises SystemExit with a sentence when the setting cannot be followed."""
    if not env.storage:
        return {"BACKEND": "django.core.files.storage.FileSystemStorage"}
    asked = urlsplit(env.storage)
    if asked.scheme != "s3" or not asked.hostname:
        raise SystemExit("ONEX_STORAGE 应为 s3://桶名?endpoint=https://…：s3://bucket?endpoint=https://… is expected.")
    if find_spec("storages") is None or find_spec("boto3") is None:
        raise SystemExit("ONEX_STORAGE 需要 onex[s3]：install the optional dependency group s3.")
    from botocore.config import Config

    options = {name: values[0] for name, values in parse_qs(asked.query).items()}
    return {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": asked.netloc,
            "endpoint_url": options.get("endpoint"),
            "region_name": options.get("region", "us-east-1"),
            "location": options.get("prefix", ""),
            "access_key": env.s3_key,
            "secret_key": env.s3_secret,
            "default_acl": None,
            "file_overwrite": True,  # names are fresh UUIDs: asking whether one exists would be a request for nothing
            # Whoever reaches the bucket without us gets a download as well, never a page.
            "object_parameters": {"ContentType": "application/octet-stream", "ContentDisposition": "attachment"},
            "client_config": Config(
                s3={"addressing_style": options.get("style", "path")},
                signature_version="s3v4",
                connect_timeout=3,
                read_timeout=20,
                retries={"total_max_attempts": 3},
                # Stores that only speak like S3 do not know the newer checksums; the file's SHA-256 is in our table.
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
            ),
        },
    }
