"""Where the files of papers lie: under a random id, written whole or not at all, checked when read."""

from __future__ import annotations

import hashlib
import os
import uuid
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings

from dispute_hub.common.errors import NotReady

# A file may stand before the row of its paper is committed; after a day it never will be.
ORPHAN_AFTER = timedelta(days=1)


def folder() -> Path:
    """The folder of all papers, made at first use and open to nobody else on the machine."""
    found = Path(settings.HUB_DATA_DIR) / "papers"
    found.mkdir(mode=0o700, parents=True, exist_ok=True)
    return found


def write(file: uuid.UUID, content: bytes) -> str:
    """Store a file so that a crash leaves the whole of it or nothing; its SHA-256."""
    target = folder() / f"{file.hex}.docx"
    draft = target.with_suffix(".tmp")
    with draft.open("xb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    draft.replace(target)
    _sync_folder()
    return hashlib.sha256(content).hexdigest()


def _sync_folder() -> None:
    handle = os.open(folder(), os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def read(file: uuid.UUID, sha256: str) -> bytes:
    """The file as it was made. Raises NotReady when it is gone or is not what was stored."""
    try:
        content = (folder() / f"{file.hex}.docx").read_bytes()
    except FileNotFoundError as error:
        raise NotReady("文书文件缺失，请联系系统管理员从备份恢复。", code="paper_missing") from error
    if hashlib.sha256(content).hexdigest() != sha256:
        raise NotReady("文书文件校验不一致，已停止下载，请联系系统管理员。", code="paper_damaged")
    return content


def left_behind(*, at: datetime) -> dict[str, Path]:
    """Files and drafts older than a day by their stem; the caller knows which have a row."""
    before = (at - ORPHAN_AFTER).timestamp()
    return {path.stem: path for path in folder().iterdir() if path.stat().st_mtime < before}
