"""What was merged, and how often people agreed with what was proposed."""

from datetime import UTC, datetime

from chassis.call import Call
from chassis.db import Tx
from chassis.messages import from_timestamp, to_message
from intake.adapters import likeness as stored
from intake.app.load import READING, found
from intake.domain.likeness.agreement import wilson
from redress.intake.v1 import similarity_pb2 as pb

_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


async def list_merged(tx: Tx, call: Call, request: pb.ListMergedRequest) -> pb.ListMergedReply:
    call.require(*READING)
    row = await found(tx, call, request.complaint_id)
    merged = await stored.merged_into(tx, row["complaint_id"])
    return pb.ListMergedReply(merged=[to_message(pb.Merged, each) for each in merged])


async def get_proposal_figures(tx: Tx, call: Call, request: pb.GetProposalFiguresRequest) -> pb.ProposalFigures:
    """Over verdicts given in [from, to); what is open counts whenever it was proposed."""
    call.require(*READING)
    judged_from = from_timestamp(request, "judged_from") or _BEGINNING
    rows = await stored.figures(tx, judged_from, from_timestamp(request, "judged_to") or tx.now)
    return pb.ProposalFigures(figures=[_figure(dict(row)) for row in rows])


def _figure(row: dict[str, int]) -> pb.ProposalFigure:
    figure = to_message(pb.ProposalFigure, row)
    if row["judged"]:
        figure.precision = row["accepted"] / row["judged"]
        figure.ci_low, figure.ci_high = wilson(row["accepted"], row["judged"])
    return figure
