"""UUIDv7 (RFC 9562 §5.7): ordered by time, so that primary keys grow at the right end of their index."""

import os
import time


def new_id() -> str:
    milliseconds = time.time_ns() // 1_000_000
    random = int.from_bytes(os.urandom(10), "big")
    value = (milliseconds << 80) | (0x7 << 76) | (((random >> 62) & 0xFFF) << 64) | (0x2 << 62) | (random & (2**62 - 1))
    text = f"{value:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
