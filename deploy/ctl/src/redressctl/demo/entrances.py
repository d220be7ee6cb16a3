"""Scene 1 goes on: every entrance that a complaint may come in by, each with what its report says."""

from itertools import islice
from typing import Any

from redressctl.api import Json
from redressctl.demo.files import FORMS, Made, made_files
from redressctl.demo.mails import Written, mailbag
from redressctl.demo.play import Play
from redressctl.demo.sending import LOOKED_AT, import_content, sendable, told
from redressctl.mapping import MappedFile, complaint_of

_PER_FORM = 2


async def by_files(play: Play, file: MappedFile, skip: int) -> dict[str, int]:
    """A few of the file's own rows, before it comes: those after the first `skip` that went by API."""
    rows = [row for row in islice(file.rows(), LOOKED_AT) if sendable(complaint_of(file.mapping, row))]
    # Chinese last: a file in GBK shows something only where it holds some.
    chosen = sorted(rows[skip : skip + _PER_FORM * len(FORMS)], key=lambda row: not "".join(row.values()).isascii())
    if len(chosen) < len(FORMS):
        return {}
    return {made.entrance: await _file(play, made, file.mapping) for made in made_files(chosen)}


async def by_mail(play: Play) -> dict[str, int]:
    """Registered as complaints, and parked for a person with the reason."""
    with play.story.chapter("Mails 邮件"):
        receipts = [await _mail(play, written) for written in mailbag()]
    states = [receipt["state"] for receipt in receipts]
    return {"mail": states.count("registered"), "parked": states.count("parked")}


async def _file(play: Play, made: Made, mapping: Any) -> int:
    desk = play.team.someone("customer_service")
    with play.story.chapter(f"File {made.name} imported 导入"):
        report = await import_content(desk.api, made.name, made.content, made.media_type, mapping)
    found = " ".join(filter(None, (report["format"], report["encoding"])))
    play.story.tell(desk.name, f"{found}: {told(report)}")
    return int(report["registered"] + report["existing"])


async def _mail(play: Play, written: Written) -> Json:
    desk = play.team.someone("customer_service")
    receipt = await desk.api.send(
        "POST", "/v1/channels/mail/messages", content=written.raw, headers={"Content-Type": "message/rfc822"}
    )
    became = f"{receipt['number']} {receipt['grade']}" if receipt["number"] else f"parked: {receipt['reason']}"
    play.story.tell("mailbox", f"{written.what}: {became}{', known already' if receipt['existing'] else ''}")
    return receipt
