"""Every invariant of the chart by name; each says in its docstring why it holds. A check yields what is wrong."""

from collections.abc import Callable, Iterator, Mapping

from tests.deploy.chart.checks import metadata, references, rollout, security, selection, settings
from tests.deploy.chart.release import Release

Check = Callable[[Release], Iterator[str]]

_ALL: tuple[Check, ...] = (
    security.restricted,
    security.hardened,
    security.no_rights,
    references.resolve,
    references.secret_keys_are_known,
    references.hooks_stand_alone,
    settings.settings_are_known,
    settings.settings_are_given_once,
    settings.settings_parse,
    settings.no_secret_in_the_open,
    settings.ports_are_those_of_the_code,
    settings.services_find_each_other,
    settings.databases_are_verified,
    settings.files_are_mounted,
    settings.images_are_of_the_service,
    settings.provisioned_from_outside,
    selection.services_select_one_workload,
    selection.headless_ports_are_the_pods,
    selection.workloads_select_their_own_pods,
    selection.budgets_leave_room,
    selection.one_hand_scales,
    selection.autoscalers_have_targets,
    selection.doors_lead_to_services,
    selection.spread_counts_own_pods,
    rollout.new_before_old,
    rollout.time_to_leave,
    rollout.no_shell_to_stop,
    rollout.probes_tell_the_truth,
    rollout.every_standing_pod_is_probed,
    rollout.resources_are_set,
    rollout.images_are_pinned,
    rollout.jobs_end,
    metadata.names_fit,
    metadata.label_values_fit,
    metadata.everything_is_labelled,
    metadata.pods_say_their_component,
    metadata.one_namespace,
    metadata.port_names_fit,
    metadata.no_empty_values,
)
CHECKS: Mapping[str, Check] = {check.__name__: check for check in _ALL}
