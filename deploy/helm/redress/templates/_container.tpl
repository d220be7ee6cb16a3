{{/* (root, workload) -> the container of a service. */}}
{{- define "redress.container" -}}
{{- $root := first . }}{{ $w := index . 1 }}{{ $spec := $w.spec -}}
name: {{ $w.service }}
image: {{ include "redress.image" (list $root $w.service $spec.image) }}
imagePullPolicy: {{ $root.Values.image.pullPolicy }}
command: [python, -m, {{ $w.service }}]
args: [serve{{ if ne $w.role "all" }}, --only, {{ $w.role }}{{ end }}]
envFrom:
  - configMapRef: {name: {{ include "redress.objectName" (list $root $w.suffix) }}}
  {{- with $spec.extraEnvFrom }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
env:
  {{- include "redress.env" . | nindent 2 }}
ports:
  {{- if ne $w.role "worker" }}
  - {name: grpc, containerPort: 7000, protocol: TCP}
  {{- end }}
  - {name: ops, containerPort: 7080, protocol: TCP}
  {{- if and (eq $w.service "gateway") (ne $w.role "worker") }}
  - {name: http, containerPort: 8080, protocol: TCP}
  {{- end }}
startupProbe:
  httpGet: {path: /livez, port: ops}
  {{- toYaml $spec.probes.startup | nindent 2 }}
livenessProbe:
  httpGet: {path: /livez, port: ops}
  {{- toYaml $spec.probes.liveness | nindent 2 }}
readinessProbe:
  httpGet: {path: /readyz, port: ops}
  {{- toYaml $spec.probes.readiness | nindent 2 }}
{{- if $spec.preStopSeconds }}
lifecycle:
  preStop:
    sleep: {seconds: {{ int $spec.preStopSeconds }}}
{{- end }}
resources:
  {{- toYaml $spec.resources | nindent 2 }}
securityContext:
  {{- toYaml $spec.securityContext | nindent 2 }}
volumeMounts:
  - {name: tmp, mountPath: /tmp}
  {{- include "redress.caMounts" (list $root (include "redress.casOf" $w.service | fromJsonArray)) | nindent 2 }}
  {{- with $spec.extraVolumeMounts }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end }}
