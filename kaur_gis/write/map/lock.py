"""A payload under a password: whoever finds the file reads no name in it.

The key comes from the password by PBKDF2, slow on purpose; AES-GCM refuses a wrong password and a
changed file alike. Salt and nonce are drawn anew each time, so that two sealed maps of one plan differ:
the one output that is not the same bytes for the same input.

References
----------
NIST SP 800-132 (PBKDF2), NIST SP 800-38D (GCM), OWASP Password Storage Cheat Sheet (600,000 rounds).
"""

from __future__ import annotations

import os
import unicodedata

ROUNDS = 600_000
"""Rounds of PBKDF2 with HMAC-SHA256."""
SALT, NONCE, KEY = 16, 12, 32
"""Their lengths [byte]."""
SHORTEST = 10
"""Fewest characters of a password: the file can be tried at leisure by whoever has it."""


def locked(payload: bytes, password: str) -> bytes:
    """Encrypt a payload.

    Returns
    -------
    bytes
        Salt, nonce, then the encrypted payload with its tag.

    Raises
    ------
    ValueError
        Where the password is shorter than `SHORTEST`.
    """
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415 - only for those who seal

    if len(password) < SHORTEST:
        msg = f"a password has at least {SHORTEST} characters"
        raise ValueError(msg)
    salt, nonce = os.urandom(SALT), os.urandom(NONCE)
    return salt + nonce + AESGCM(_key(password, salt)).encrypt(nonce, payload, None)


def unlocked(sealed: bytes, password: str) -> bytes:
    """Decrypt what `locked` encrypted; the page's script does the same.

    Raises
    ------
    ValueError
        For a wrong password, or a file that was changed.
    """
    from cryptography.exceptions import InvalidTag  # noqa: PLC0415
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415

    salt, nonce = sealed[:SALT], sealed[SALT : SALT + NONCE]
    try:
        return AESGCM(_key(password, salt)).decrypt(nonce, sealed[SALT + NONCE :], None)
    except InvalidTag:
        msg = "wrong password, or the file was changed"
        raise ValueError(msg) from None


def _key(password: str, salt: bytes) -> bytes:
    from cryptography.hazmat.primitives.hashes import SHA256  # noqa: PLC0415
    from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC  # noqa: PLC0415

    derive = PBKDF2HMAC(algorithm=SHA256(), length=KEY, salt=salt, iterations=ROUNDS)
    return derive.derive(unicodedata.normalize("NFKC", password).encode("utf-8"))
