"""Sealing of personal data at rest, and blind indexes to find it again.

AES-256-GCM with the key's id in front, so that keys can be rotated: the first key of `HUB_KEYS`
encrypts, every key decrypts. Blind indexes are keyed by the last (oldest) key and so survive a
rotation; dropping the oldest key means rebuilding them. Without `HUB_KEYS` (embedded settings; the
production ones refuse to start) a key is made once in `HUB_DATA_DIR/keys/`.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
import secrets
import threading
from functools import lru_cache
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from .errors import NotReady

_VERSION = b"\x01"
_ID_BYTES = 4
_NONCE_BYTES = 12
BLIND_BYTES = 16
_making = threading.Lock()


class Unsealable(Exception):
    """The bytes were not sealed by one of our keys for this context, or were changed since."""


def seal(plain: bytes, context: str) -> bytes:
    """Encrypt. `context` (which column) is bound in, so a value cannot be moved to another column."""
    key = _keys()[0]
    nonce = os.urandom(_NONCE_BYTES)
    head = _VERSION + _key_id(key)
    return head + nonce + _cipher(key).encrypt(nonce, plain, head + context.encode())


def open_sealed(sealed: bytes, context: str) -> bytes:
    """Decrypt what `seal` made for the same context. Raises Unsealable."""
    head = sealed[: 1 + _ID_BYTES]
    nonce = sealed[len(head) : len(head) + _NONCE_BYTES]
    if head[:1] != _VERSION or len(nonce) != _NONCE_BYTES:
        raise Unsealable("not a sealed value")
    for key in _keys():
        if hmac.compare_digest(_key_id(key), head[1:]):
            try:
                return _cipher(key).decrypt(nonce, sealed[len(head) + len(nonce) :], head + context.encode())
            except InvalidTag as error:
                raise Unsealable("changed, or sealed for another context") from error
    raise Unsealable("sealed with a key that is not configured")


def blind(value: str, *, purpose: str) -> bytes:
    """16 bytes that are equal for equal values of one purpose and tell nothing without the key."""
    key = _derived(_keys()[-1], b"blind")
    return hmac.new(key, f"{purpose}\0{value}".encode(), hashlib.sha256).digest()[:BLIND_BYTES]


def lent_key(holder: str) -> bytes:
    """32 bytes lent to one holder, such as the phone of a post: the same again after the next log-in."""
    return hmac.new(_derived(_keys()[-1], b"lent"), holder.encode(), hashlib.sha256).digest()


def new_key() -> str:
    """A fresh key in the form `HUB_KEYS` takes: 32 random bytes, urlsafe base64."""
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()


def _keys() -> tuple[bytes, ...]:
    from django.conf import settings

    configured = getattr(settings, "HUB_KEYS", None) or ()
    if isinstance(configured, str):
        configured = configured.split(",")
    texts = tuple(part.strip() for part in configured if part.strip())
    if not texts:
        folder = getattr(settings, "HUB_DATA_DIR", None)
        if not folder:
            raise NotReady("系统密钥未配置，请联系系统管理员。", code="keys_missing")
        texts = _keys_of_folder(str(folder))
    return _decoded(texts)


@lru_cache(maxsize=8)
def _decoded(texts: tuple[str, ...]) -> tuple[bytes, ...]:
    try:
        keys = tuple(base64.urlsafe_b64decode(text) for text in texts)
    except (binascii.Error, ValueError) as error:
        raise NotReady("系统密钥格式有误，请联系系统管理员。", code="keys_invalid") from error
    if any(len(key) != 32 for key in keys):
        raise NotReady("系统密钥长度有误，请联系系统管理员。", code="keys_invalid")
    return keys


@lru_cache(maxsize=8)
def _keys_of_folder(folder: str) -> tuple[str, ...]:
    path = Path(folder) / "keys" / "hub.key"
    with _making:
        if not path.exists():
            _make_key_file(path)
    return tuple(line.strip() for line in path.read_text(encoding="ascii").splitlines() if line.strip())


def _make_key_file(path: Path) -> None:
    """Two processes may start at once: the link is atomic, the loser reads the winner's key."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(new_key() + "\n")
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink(missing_ok=True)


@lru_cache(maxsize=16)
def _key_id(key: bytes) -> bytes:
    return hashlib.sha256(b"dispute-hub key id\0" + key).digest()[:_ID_BYTES]


@lru_cache(maxsize=32)
def _derived(key: bytes, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=b"dispute-hub " + purpose).derive(key)


@lru_cache(maxsize=16)
def _cipher(key: bytes) -> AESGCM:
    return AESGCM(_derived(key, b"seal"))
