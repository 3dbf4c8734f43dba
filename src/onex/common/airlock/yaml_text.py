"""YAML of authors into plain values: aliases are written out under the limits, and a wrong line is named."""

from __future__ import annotations

from typing import Any

import yaml

from onex.common.text import Refused, say

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def document(raw: bytes) -> Any:
    """The one document of a file. Raises Refused naming the line that cannot be read."""
    try:
        return yaml.load(raw.decode("utf-8-sig"), Loader=_LOADER)  # noqa: S506 (a safe loader, in C where there is one)
    except UnicodeDecodeError as failure:
        raise Refused(say("文件不是 UTF-8 编码，请另存后再导入。")) from failure
    except (yaml.YAMLError, RecursionError, ValueError) as failure:
        mark = getattr(failure, "problem_mark", None)
        line = mark.line + 1 if mark else "?"
        raise Refused(say("第 {line} 行不符合 YAML 格式。", line=line)) from failure
