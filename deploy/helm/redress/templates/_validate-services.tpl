{{/* (service, role) of a workload -> where its values stand, for sentences. */}}
{{- define "redress.validate.at" -}}
services.{{ .service }}{{ if ne .role "all" }}.{{ .role }}{{ end }}
{{- end }}

{{- define "redress.validate.split" -}}
{{- $at := printf "services.%s" .service }}
{{- $api := hasKey .spec.api "replicas" }}{{ $worker := hasKey .spec.worker "replicas" }}
{{- if and .spec.split (ne $api $worker) }}
{{- fail (printf "%s is split, but only one side says how many replicas: set both %s.api.replicas and %s.worker.replicas, or neither" $at $at $at) }}
{{- end }}
{{- if and (not .spec.split) (or .spec.api .spec.worker) }}
{{- fail (printf "%s.api and %s.worker hold only for a split service: set %s.split: true" $at $at $at) }}
{{- end }}
{{- end }}

{{/* Values are readable by everybody who may read the release: no secret passes through them. */}}
{{- define "redress.validate.settings" -}}
{{- $service := .service }}
{{- range $name, $value := .spec.settings }}
{{- if regexMatch "(PASSWORD|SIGNING_KEY|SEALING_KEYS?(_RETIRED)?|ACCESS_KEY(_ID)?|KEY_PEPPER|ADMIN_KEY)$" $name }}
{{- fail (printf "%s of %s is a secret: put it into a Secret and name that (secrets.existingSecret, or existingSecret beside its key)" $name $service) }}
{{- end }}
{{- if regexMatch "://[^/@]*:[^/@]*@" (toString $value) }}
{{- fail (printf "%s of %s holds a password: leave it out, passwords come from Secrets" $name $service) }}
{{- end }}
{{- end }}
{{- end }}

{{/* (root, workload) */}}
{{- define "redress.validate.scaling" -}}
{{- $root := first . }}{{ $w := index . 1 }}{{ $at := include "redress.validate.at" $w }}
{{- $hpa := $w.spec.autoscaling.hpa }}{{ $keda := $w.spec.autoscaling.keda }}
{{- if and $hpa.enabled $keda.enabled }}
{{- fail (printf "%s has both autoscalers: set autoscaling.hpa.enabled or autoscaling.keda.enabled to false, there or in defaults" $at) }}
{{- end }}
{{- if and (eq $w.service "gateway") (dig "autoscaling" "keda" "enabled" false $root.Values.services.gateway) }}
{{- fail "services.gateway.autoscaling.keda.enabled: the gateway reads no events, so that lag cannot scale it: set autoscaling.hpa.enabled instead" }}
{{- end }}
{{- if and (eq $w.role "api") (dig "api" "autoscaling" "keda" "enabled" false (index $root.Values.services $w.service)) }}
{{- fail (printf "%s.autoscaling.keda.enabled: an api reads no events: set it for the worker, and autoscaling.hpa.enabled here" $at) }}
{{- end }}
{{- $scaler := include "redress.autoscaler" $w }}
{{- with $scaler }}
{{- $limits := index $w.spec.autoscaling . }}
{{- if gt (int $limits.minReplicas) (int $limits.maxReplicas) }}
{{- fail (printf "%s: autoscaling.%s.minReplicas is above maxReplicas: set it to %d or less" $at . (int $limits.maxReplicas)) }}
{{- end }}
{{- end }}
{{- if and (eq $scaler "hpa") (not (dig "requests" "cpu" "" $w.spec.resources)) }}
{{- fail (printf "%s: an HPA compares with the CPU request: set resources.requests.cpu" $at) }}
{{- end }}
{{- if and (eq $scaler "keda") (eq $keda.scaler "prometheus") (not $keda.serverAddress) }}
{{- fail (printf "%s: KEDA must know whom to ask: set autoscaling.keda.serverAddress to the URL of Prometheus" $at) }}
{{- end }}
{{- if and (eq $scaler "keda") (eq $keda.scaler "nats-jetstream") (not $root.Values.nats.monitoringEndpoint) }}
{{- fail (printf "%s: KEDA must know whom to ask: set nats.monitoringEndpoint to the monitoring port of NATS, e.g. nats-headless.nats.svc:8222" $at) }}
{{- end }}
{{- end }}

{{/* workload */}}
{{- define "redress.validate.lifetime" -}}
{{- $at := include "redress.validate.at" . }}
{{- if and .spec.pdb.enabled (lt (include "redress.leastReplicas" . | int) 2) }}
{{- fail (printf "%s may have one replica, and a PodDisruptionBudget on one pod is no help: set pdb.enabled: false there or in defaults, or two replicas" $at) }}
{{- end }}
{{- $grace := int .spec.terminationGracePeriodSeconds }}{{ $needed := include "redress.neededGrace" .spec | int }}
{{- if and $grace (lt $grace $needed) }}
{{- fail (printf "%s: terminationGracePeriodSeconds %d would cut a pod off: set at least %d (preStop + farewell + drain + 10), or 0" $at $grace $needed) }}
{{- end }}
{{- end }}
