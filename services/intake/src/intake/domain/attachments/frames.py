"""How a sealed file is laid out: frames, each sealed by itself, the last of which says so.

A file that was cut, or whose frames were exchanged, does not open: each frame is sealed together with its place.
"""

from collections.abc import Callable, Iterator
from struct import Struct

from chassis.errors import RedressError

FRAME = 64 * 1024
"""Bytes of a frame before it is sealed."""
_LENGTH = Struct(">I")
_LONGEST = FRAME + 1024

Seal = Callable[[bytes, str], bytes]
"""(bytes, what they are about) -> sealed."""


class Damaged(RedressError):
    slug = "damaged_file"
    status = 500


def about(attachment_id: str, n: int, *, last: bool) -> str:
    return f"attachment/{attachment_id}/{n}{'/last' if last else ''}"


class Sealing:
    """Takes pieces of any length and gives whole sealed frames."""

    def __init__(self, attachment_id: str, seal: Seal) -> None:
        self._id = attachment_id
        self._seal = seal
        self._held = bytearray()
        self._n = 0

    def take(self, piece: bytes) -> bytes:
        self._held += piece
        found = bytearray()
        # One byte stays behind, so that there is always something for the last frame.
        while len(self._held) > FRAME:
            found += self._frame(bytes(self._held[:FRAME]), last=False)
            del self._held[:FRAME]
        return bytes(found)

    def end(self) -> bytes:
        return self._frame(bytes(self._held), last=True)

    def _frame(self, plain: bytes, *, last: bool) -> bytes:
        sealed = self._seal(plain, about(self._id, self._n, last=last))
        self._n += 1
        return _LENGTH.pack(len(sealed)) + sealed


class Opening:
    """Takes pieces of the sealed file and gives what was in it. Raises Damaged; whatever `unseal` raises."""

    def __init__(self, attachment_id: str, unseal: Seal) -> None:
        self._id = attachment_id
        self._unseal = unseal
        self._held = bytearray()
        self._n = 0

    def take(self, piece: bytes) -> Iterator[bytes]:
        self._held += piece
        while (frame := self._whole(keep_last=True)) is not None:
            yield self._opened(frame, last=False)

    def end(self) -> bytes:
        """The last frame; whoever does not ask for it does not know that the file is whole."""
        frame = self._whole(keep_last=False)
        if frame is None or self._held:
            raise Damaged("the stored file is not whole")
        return self._opened(frame, last=True)

    def _whole(self, *, keep_last: bool) -> bytes | None:
        if len(self._held) < _LENGTH.size:
            return None
        (length,) = _LENGTH.unpack_from(self._held)
        if length > _LONGEST:
            raise Damaged("the stored file is none of ours")
        ends = _LENGTH.size + length
        if len(self._held) < ends or (keep_last and len(self._held) == ends):
            return None
        frame = bytes(self._held[_LENGTH.size : ends])
        del self._held[:ends]
        return frame

    def _opened(self, frame: bytes, *, last: bool) -> bytes:
        plain = self._unseal(frame, about(self._id, self._n, last=last))
        self._n += 1
        return plain
