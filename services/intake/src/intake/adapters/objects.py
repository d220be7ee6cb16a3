"""Where the bytes of attachments lie: an S3-compatible store, or a folder. Only sealed bytes come here."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import obstore
from obstore.exceptions import BaseError, NotFoundError
from obstore.store import LocalStore, S3Store, from_url

from chassis.errors import NotFound, Unavailable

if TYPE_CHECKING:
    from obstore.store import ClientConfig, ObjectStore

_BUFFER = 5 * 1024**2
"""The smallest part that S3 takes of an upload in parts: what a file costs in memory while it comes in."""
_PIECE = 256 * 1024
_FAILURES = (BaseError, OSError)


@dataclass(frozen=True)
class Access:
    """`url`: s3://bucket/folder or file:///folder; the rest is for S3. Empty secrets: those of the machine, if any."""

    url: str
    endpoint: str = ""
    region: str = ""
    access_key_id: str = ""
    secret_access_key: str = ""


class Objects:
    """Streams in and out. Raises Unavailable when the store does not answer."""

    def __init__(self, store: "ObjectStore") -> None:
        self._store = store

    @classmethod
    def of(cls, access: Access) -> "Objects":
        if access.url.startswith("s3://"):
            return cls(_s3(access))
        return cls(from_url(access.url, mkdir=True))

    @classmethod
    def folder(cls, path: str) -> "Objects":
        return cls(LocalStore(path, mkdir=True))

    async def put(self, name: str, pieces: AsyncIterator[bytes]) -> None:
        """What was begun and not ended leaves no object."""
        writer = obstore.open_writer_async(self._store, name, buffer_size=_BUFFER, max_concurrency=2)
        async for piece in pieces:
            await _answered(writer.write(piece))
        await _answered(writer.close())

    async def get(self, name: str) -> AsyncIterator[bytes]:
        """Raises NotFound."""
        found = await _answered(obstore.get_async(self._store, name))
        stream = found.stream(min_chunk_size=_PIECE).__aiter__()
        while True:
            try:
                piece = await _answered(stream.__anext__())
            except StopAsyncIteration:
                return
            yield bytes(piece)

    async def delete(self, name: str) -> None:
        """Also of what is not there."""
        try:
            await _answered(obstore.delete_async(self._store, name))
        except NotFound:
            return


def _s3(access: Access) -> "ObjectStore":
    bucket, _, folder = access.url.removeprefix("s3://").partition("/")
    more: dict[str, Any] = {"endpoint": access.endpoint} if access.endpoint else {}
    if access.access_key_id:
        more |= {"access_key_id": access.access_key_id, "secret_access_key": access.secret_access_key}
    options: ClientConfig = {"timeout": "60 seconds", "connect_timeout": "5 seconds"}
    if access.endpoint.startswith("http://"):
        options["allow_http"] = True
    return S3Store(
        bucket,
        prefix=folder or None,
        region=access.region or "us-east-1",
        virtual_hosted_style_request=not access.endpoint,
        client_options=options,
        retry_config={"max_retries": 3},
        **more,
    )


async def _answered(asked: Any) -> Any:
    try:
        return await asked
    except (NotFoundError, FileNotFoundError) as error:
        raise NotFound("the file's bytes are not there") from error
    except _FAILURES as error:
        raise Unavailable("the object store does not answer") from error
