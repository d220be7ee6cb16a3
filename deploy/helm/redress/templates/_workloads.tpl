{{/* Names in the order in which everything lists them. */}}
{{- define "redress.serviceNames" -}}
["intake", "workflow", "capa", "notify", "analytics", "gateway"]
{{- end }}

{{/* -> {service: those it asks by gRPC} */}}
{{- define "redress.asks" -}}
{
  "intake": [],
  "workflow": [],
  "capa": ["intake"],
  "notify": ["intake", "gateway"],
  "analytics": [],
  "gateway": ["intake", "workflow", "capa", "notify", "analytics"]
}
{{- end }}

{{/* -> {service: whose signatures it checks}: its callers', and at the door notify's, who signs customers' links. */}}
{{- define "redress.trusts" -}}
{
  "intake": ["capa", "notify", "gateway"],
  "workflow": ["gateway"],
  "capa": ["gateway"],
  "notify": ["gateway"],
  "analytics": ["gateway"],
  "gateway": ["notify"]
}
{{- end }}

{{/* root -> [{service, spec}] of the enabled services; spec = defaults with services.<name> over them. */}}
{{- define "redress.services" -}}
{{- $found := list }}
{{- range $name := include "redress.serviceNames" . | fromJsonArray }}
{{- $own := index $.Values.services $name }}
{{- if $own.enabled }}
{{- $found = append $found (dict "service" $name "spec" (mergeOverwrite (deepCopy $.Values.defaults) (deepCopy $own))) }}
{{- end }}
{{- end }}
{{- toJson $found }}
{{- end }}

{{/* root -> [{service, role, suffix, spec}]: a Deployment each. role: all, or api and worker of a split service. */}}
{{- define "redress.workloads" -}}
{{- $found := list }}
{{- range $one := include "redress.services" . | fromJsonArray }}
{{- $spec := omit $one.spec "api" "worker" }}
{{- if $spec.split }}
{{- range $role := list "api" "worker" }}
{{- $merged := mergeOverwrite (deepCopy $spec) (deepCopy (index $one.spec $role)) }}
{{- $found = append $found (dict "service" $one.service "role" $role "suffix" (printf "%s-%s" $one.service $role) "spec" $merged) }}
{{- end }}
{{- else }}
{{- $found = append $found (dict "service" $one.service "role" "all" "suffix" $one.service "spec" $spec) }}
{{- end }}
{{- end }}
{{- toJson $found }}
{{- end }}

{{/* (root, services) -> those of them that are part of this release. */}}
{{- define "redress.enabledOf" -}}
{{- $root := first . }}{{ $found := list }}
{{- range index . 1 }}
{{- if (index $root.Values.services .).enabled }}{{ $found = append $found . }}{{ end }}
{{- end }}
{{- toJson $found }}
{{- end }}

{{/* workload -> hpa, keda or nothing. The door reads no events, nor does an api: lag does not scale them. */}}
{{- define "redress.autoscaler" -}}
{{- if .spec.autoscaling.hpa.enabled }}hpa
{{- else if and .spec.autoscaling.keda.enabled (ne .service "gateway") (ne .role "api") }}keda
{{- end }}
{{- end }}

{{/* workload -> the least number of pods there will be. */}}
{{- define "redress.leastReplicas" -}}
{{- $scaler := include "redress.autoscaler" . }}
{{- if $scaler }}{{ (index .spec.autoscaling $scaler).minReplicas | int }}{{ else }}{{ .spec.replicas | int }}{{ end }}
{{- end }}

{{/* spec -> seconds. A process has ended 8 s after farewell and drain at the latest; 2 s are ours. */}}
{{- define "redress.neededGrace" -}}
{{- add (int .preStopSeconds) (ceil .farewellSeconds | int) (ceil .drainSeconds | int) 10 }}
{{- end }}

{{- define "redress.graceSeconds" -}}
{{- default (include "redress.neededGrace" .) (int .terminationGracePeriodSeconds) }}
{{- end }}
