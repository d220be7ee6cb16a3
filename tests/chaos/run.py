"""From the first create to the result."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from tests.chaos.aftermath import Aftermath, look_after
from tests.chaos.attack import Struck, attack
from tests.chaos.control import run_control
from tests.chaos.ground import Ground
from tests.chaos.load import Sent
from tests.chaos.plan import Planned
from tests.chaos.recovery import Recovery, normal_latency_s
from tests.chaos.report import HEAD, Result, by_kind, counted, counts, recovery_line
from tests.chaos.say import say, show
from tests.chaos.setting import RATE_PER_S, Setting

_PEACE_S = 4.0
_CAUGHT_UP_WITHIN_S = 160.0


def run(setting: Setting, plan: Iterator[Planned], seed: int, left_out: Mapping[str, str]) -> Result:
    with setting.ground() as ground:
        say(f"stack is up; seed {seed}")
        ground.load.start()
        ground.wait(_PEACE_S)
        normal_s = normal_latency_s(ground.load.probes)
        say(f"a create counts as accepted within {normal_s:.2f} s")
        struck = list(_told(attack(ground, plan, normal_s, whole=setting.small_disks)))
        sent = ground.load.stop(ground.wait_until)
        say(
            f"load is over: {sent.acknowledged} complaints and {sent.work.acknowledged} steps of work acknowledged,"
            f" {sent.tally.retries} tries repeated; settling"
        )
        aftermath = look_after(ground, sent)
        recoveries = [one.recovery(_CAUGHT_UP_WITHIN_S) for one in struck]
        ground.load.close()
        _tell(recoveries, aftermath, ground)
        control_missing = run_control(ground, RATE_PER_S, lost_s=5.0 if setting.small_disks else 2.0)
        say(f"control, rewind off: {control_missing} events were never handled")
    return _result(ground, recoveries, sent, aftermath, control_missing, seed, left_out, normal_s)


def _result(
    ground: Ground,
    recoveries: Sequence[Recovery],
    sent: Sent,
    aftermath: Aftermath,
    control_missing: int,
    seed: int,
    left_out: Mapping[str, str],
    normal_s: float,
) -> Result:
    return Result(
        acknowledged=sent.acknowledged,
        missing=aftermath.reckoning.total_missing,
        duplicated=aftermath.reckoning.total_duplicated,
        faults=len(recoveries),
        control_missing=control_missing,
        verify=aftermath.report.verdict,
        seed=seed,
        kinds=counted(recoveries),
        skipped=left_out,
        recovery_s=by_kind(recoveries),
        normal_latency_s=round(normal_s, 2),
        work_acknowledged=sent.work.acknowledged,
        work_refused=dict(sent.work.refused),
        parked=aftermath.parked,
        findings=ground.findings,
        letters_twice=aftermath.letters_twice,
        given_up=sent.tally.given_up,
        refused=sent.tally.refused,
        unhelpful=sent.unhelpful,
    )


def _told(struck: Iterable[Struck]) -> Iterator[Struck]:
    show([HEAD])
    for one in struck:
        say(recovery_line(one.recovery(), unknown="…"))
        yield one


def _tell(recoveries: Sequence[Recovery], aftermath: Aftermath, ground: Ground) -> None:
    say(f"verify: {aftermath.report.verdict}, after {aftermath.report.waited_s:.1f} s of settling")
    show([HEAD, *map(recovery_line, recoveries)])
    show(counts("missing", aftermath.reckoning.missing))
    show(counts("twice:", aftermath.reckoning.duplicated))
    show(f"differs: {one}" for one in aftermath.report.named())
    show(f"found: {one}" for one in ground.findings)
