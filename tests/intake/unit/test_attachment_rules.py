"""What may be attached, and how its sealed bytes are laid out."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.errors import Invalid
from chassis.sealing import CannotOpen, Key, new_key
from intake.adapters.sniffing import content_type
from intake.domain.attachments.frames import FRAME, Damaged, Opening, Sealing
from intake.domain.attachments.rules import MAX_NAME, Limits, check_beginning, clean_name

KEY = Key(new_key())


def seal(plain: bytes, about: str) -> bytes:
    return KEY.seal(plain, about=about)


def unseal(sealed: bytes, about: str) -> bytes:
    return KEY.open(sealed, about=about)


def sealed_file(content: bytes, piece: int = 50_000, name: str = "a") -> bytes:
    sealing = Sealing(name, seal)
    pieces = [content[at : at + piece] for at in range(0, len(content), piece)]
    return b"".join(map(sealing.take, pieces)) + sealing.end()


def opened(stored: bytes, piece: int = 30_000, name: str = "a") -> bytes:
    opening, found = Opening(name, unseal), bytearray()
    for at in range(0, len(stored), piece):
        for plain in opening.take(stored[at : at + piece]):
            found += plain
    return bytes(found + opening.end())


@pytest.mark.parametrize("size", [0, 1, FRAME - 1, FRAME, FRAME + 1, 3 * FRAME, 200_001])
@pytest.mark.parametrize("piece", [1_000, FRAME, 1_000_000])
def test_what_was_sealed_opens_whatever_the_pieces(size: int, piece: int) -> None:
    content = bytes(i % 251 for i in range(size))
    assert opened(sealed_file(content, piece), piece) == content


def frames_of(stored: bytes) -> list[bytes]:
    found = []
    while stored:
        length = 4 + int.from_bytes(stored[:4], "big")
        found.append(stored[:length])
        stored = stored[length:]
    return found


@pytest.mark.parametrize(
    "harm",
    [
        lambda frames: frames[:-1],
        lambda frames: [*frames[1:]],
        lambda frames: [frames[1], frames[0], *frames[2:]],
        lambda frames: [*frames, frames[-1]],
        lambda frames: [*frames[:-1], frames[-1][:-1]],
        lambda frames: [frames[0][:-1] + bytes([frames[0][-1] ^ 1]), *frames[1:]],
        lambda frames: [],
    ],
)
def test_a_file_that_was_harmed_does_not_open(harm: Callable[[list[bytes]], list[bytes]]) -> None:
    frames = frames_of(sealed_file(b"x" * 3 * FRAME))
    with pytest.raises((Damaged, CannotOpen)):
        opened(b"".join(harm(frames)))


def test_a_file_does_not_open_as_another() -> None:
    with pytest.raises(CannotOpen):
        opened(sealed_file(b"of a", name="a"), name="b")


@pytest.mark.parametrize(
    ("given_name", "shown"),
    [
        ("photo.jpg", "photo.jpg"),
        ("C:\\Users\\me\\故障 照片.jpg", "故障 照片.jpg"),
        ("../../etc/passwd", "passwd"),
        ("a\r\nSet-Cookie: x.png", "aSet-Cookie: x.png"),
        ("exe\u202egpj.scr", "exegpj.scr"),
        ("", "file"),
        ("..", "file"),
        (f"{'x' * 300}.jpeg", f"{'x' * 195}.jpeg"),
    ],
)
def test_a_name_is_only_a_name(given_name: str, shown: str) -> None:
    assert clean_name(given_name) == shown


@given(st.text(max_size=400))
def test_whatever_the_name_it_can_be_shown(name: str) -> None:
    shown = clean_name(name)
    assert 0 < len(shown) <= MAX_NAME
    assert not set(shown) & set("\r\n\0/\\")


@pytest.mark.parametrize("head", [b"MZ\x90\0", b"\x7fELF\2", b"#!/bin/sh\n", b"\xcf\xfa\xed\xfe", b""])
def test_programs_and_nothing_are_refused(head: bytes) -> None:
    with pytest.raises(Invalid):
        check_beginning(head)


def test_a_file_beyond_the_limits_is_refused() -> None:
    limits = Limits(size=10, count=2)
    limits.check_size(10)
    limits.check_count(1)
    with pytest.raises(Invalid) as refused:
        limits.check_size(11)
    assert refused.value.status == 413
    with pytest.raises(Invalid):
        limits.check_count(2)


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "image/png"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF\0", "image/jpeg"),
        (b"%PDF-1.7\n", "application/pdf"),
        (b"PK\x03\x04....xl/workbook.xml", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (b"PK\x03\x04....notes.txt", "application/zip"),
        ("设备漏油".encode(), "text/plain"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'>", "image/svg+xml"),
        (bytes(range(256)), "application/octet-stream"),
    ],
)
def test_a_file_is_what_its_bytes_say(head: bytes, kind: str) -> None:
    assert content_type(head) == kind
