"""The envelope that WeChat, WeCom and DingTalk share: AES-256-CBC under a key of 43 characters, its first 16 bytes the
vector; 16 random bytes, the length, the message and the receiver's id, padded to 32 bytes."""

import base64
import binascii
import os
import struct

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC

from intake.domain.channels.hook import NotProven

KEY_CHARACTERS = 43
_BLOCK = 32
_RANDOM = 16
_HEAD = struct.Struct(">I")


def is_aes_key(text: str) -> bool:
    try:
        return len(text) == KEY_CHARACTERS and len(base64.b64decode(text + "=")) == _BLOCK
    except (ValueError, binascii.Error):
        return False


def opened(aes_key: str, encrypted: str, receiver: str) -> bytes:
    """The message. Raises NotProven for what does not open with the key, or is for another receiver."""
    key = base64.b64decode(aes_key + "=")
    try:
        sealed = base64.b64decode(encrypted)
        decryptor = Cipher(AES(key), CBC(key[:16])).decryptor()
        plain = _unpadded(decryptor.update(sealed) + decryptor.finalize())
        (length,) = _HEAD.unpack(plain[_RANDOM : _RANDOM + _HEAD.size])
    except (ValueError, binascii.Error, struct.error) as error:
        raise NotProven("the message does not open with the channel's key") from error
    body = plain[_RANDOM + _HEAD.size :]
    if length > len(body) or body[length:] != receiver.encode():
        raise NotProven("the message is for another receiver")
    return body[:length]


def sealed(aes_key: str, message: bytes, receiver: str) -> str:
    key = base64.b64decode(aes_key + "=")
    plain = os.urandom(_RANDOM) + _HEAD.pack(len(message)) + message + receiver.encode()
    padding = _BLOCK - len(plain) % _BLOCK
    encryptor = Cipher(AES(key), CBC(key[:16])).encryptor()
    return base64.b64encode(encryptor.update(plain + bytes([padding]) * padding) + encryptor.finalize()).decode()


def _unpadded(plain: bytes) -> bytes:
    padding = plain[-1] if plain else 0
    if not 1 <= padding <= _BLOCK or plain[-padding:] != bytes([padding]) * padding:
        raise ValueError("the padding is wrong")
    return plain[:-padding]
