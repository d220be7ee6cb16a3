{{/* The pod of a service. */}}

{{/* (root, workload) -> spec.template of its Deployment. */}}
{{- define "redress.podTemplate" -}}
{{- $root := first . }}{{ $w := index . 1 }}{{ $spec := $w.spec -}}
metadata:
  labels:
    {{- include "redress.podLabels" (list $root $w.service) | nindent 4 }}
    redress.io/role: {{ $w.role }}
    {{- with $spec.podLabels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  annotations:
    checksum/config: {{ include "redress.settings" . | sha256sum }}
    kubectl.kubernetes.io/default-container: {{ $w.service }}
    {{- if $root.Values.metrics.annotations }}
    prometheus.io/scrape: "true"
    prometheus.io/port: "7080"
    prometheus.io/path: /metrics
    {{- end }}
    {{- with mergeOverwrite (deepCopy $root.Values.commonAnnotations) $spec.podAnnotations }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  {{- include "redress.podBasics" (list $root $spec.podSecurityContext) | nindent 2 }}
  terminationGracePeriodSeconds: {{ include "redress.graceSeconds" $spec }}
  {{- include "redress.placement" . | nindent 2 }}
  containers:
    {{- list (include "redress.container" . | fromYaml) | toYaml | nindent 4 }}
  volumes:
    {{- include "redress.tmpVolume" $spec.tmp.sizeLimit | nindent 4 }}
    {{- include "redress.caVolumes" (list $root (include "redress.casOf" $w.service | fromJsonArray)) | nindent 4 }}
    {{- with $spec.extraVolumes }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
{{- end }}

{{/* service -> authorities it needs. */}}
{{- define "redress.casOf" -}}
{{- if eq . "notify" }}["postgresql-ca", "nats-ca", "smtp-ca"]{{ else }}["postgresql-ca", "nats-ca"]{{ end }}
{{- end }}

{{/* (root, pod security context) -> what every pod of the chart has. Service links would inject REDRESS_* variables. */}}
{{- define "redress.podBasics" -}}
automountServiceAccountToken: false
enableServiceLinks: false
securityContext:
  {{- toYaml (index . 1) | nindent 2 }}
{{- include "redress.imagePullSecrets" (first .) }}
{{- end }}

{{- define "redress.tmpVolume" -}}
- name: tmp
  emptyDir: {sizeLimit: {{ . | quote }}}
{{- end }}

{{/* (root, workload) */}}
{{- define "redress.placement" -}}
{{- $root := first . }}{{ $w := index . 1 }}{{ $spec := $w.spec }}
{{- with $spec.topologySpread }}
topologySpreadConstraints:
  {{- range . }}
  - {{ toYaml . | nindent 4 | trim }}
    labelSelector:
      matchLabels:
        {{- include "redress.selector" (list $root $w.service) | nindent 8 }}
        redress.io/role: {{ $w.role }}
    matchLabelKeys: [pod-template-hash]
  {{- end }}
{{- end }}
{{- range $name := list "affinity" "nodeSelector" "tolerations" "priorityClassName" "runtimeClassName" }}
{{- with index $spec $name }}
{{ $name }}: {{ if kindIs "string" . }}{{ . | quote }}{{ else }}{{ toYaml . | nindent 2 }}{{ end }}
{{- end }}
{{- end }}
{{- end }}
