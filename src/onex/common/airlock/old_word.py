"""doc: an OLE container with a Word document in it and nothing that runs."""

from __future__ import annotations

import io

import olefile

from onex.common.text import Refused, say

HAS_MACROS = say("文件里有宏，不能上传；请另存为不含宏的文档。")
ENCRYPTED = say("文件有密码保护，不能上传；请取消密码后另存再上传。")
NESTED = say("文件里还嵌着压缩包或可执行的对象，不能上传；请删去嵌入的对象后另存再上传。")
MOST_STREAMS = 5_000
_MACROS = {"macros", "vba", "_vba_project", "_vba_project_cur"}
_PACKAGES = {"\x01ole10native", "package"}


def judge(raw: bytes) -> str:
    """The kind, when it is a Word document that is whole.

    Raises Refused for macros, passwords and embedded files, ValueError and olefile's own errors when it is none.
    """
    names = refuse_what_runs(raw)
    if ("worddocument",) not in names:
        raise ValueError("an OLE container without a Word document")
    with olefile.OleFileIO(io.BytesIO(raw), raise_defects=olefile.DEFECT_INCORRECT) as container:
        streams = container.listdir()
        if sum(container.get_size(path) for path in streams) > 2 * len(raw):
            raise ValueError("streams that share their bytes")
        for path in streams:
            container.openstream(path)  # raises when its chain of sectors is broken
        head = container.openstream("WordDocument").read(12)
    if len(head) < 12 or head[:2] not in (b"\xec\xa5", b"\xdc\xa5"):
        raise ValueError("the Word document has no head")
    if head[11] & 0x01:  # fEncrypted
        raise Refused(ENCRYPTED)
    return "doc"


def refuse_what_runs(raw: bytes) -> set[tuple[str, ...]]:
    """The lower-case paths of an OLE container. Raises Refused for macros, encryption, and files packed into it."""
    with olefile.OleFileIO(io.BytesIO(raw), raise_defects=olefile.DEFECT_INCORRECT) as container:
        paths = container.listdir(streams=True, storages=True)
    if len(paths) > MOST_STREAMS:
        raise ValueError("too many streams")
    names = {tuple(part.lower() for part in path) for path in paths}
    words = {part for path in names for part in path}
    if "encryptedpackage" in words:
        raise Refused(ENCRYPTED)
    if words & _MACROS:
        raise Refused(HAS_MACROS)
    if words & _PACKAGES:
        raise Refused(NESTED)
    return names
