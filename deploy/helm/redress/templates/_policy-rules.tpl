{{/* (root, workload) -> who may call its pods. A worker answers nobody but those who read metrics. */}}
{{- define "redress.ingressRules" -}}
{{- $root := first . }}{{ $w := index . 1 }}{{ $policy := $root.Values.networkPolicy }}
- from:
    {{- include "redress.selectedPeer" $policy.scraper | nindent 4 }}
  {{- include "redress.tcp" 7080 | nindent 2 }}
{{- if ne $w.role "worker" }}
{{- with include "redress.callersOf" (list $root "redress.asks" $w.service) | fromJsonArray }}
- from:
    {{- range . }}
    {{- include "redress.peer" (list $root .) | nindent 4 }}
    {{- end }}
  {{- include "redress.tcp" 7000 | nindent 2 }}
{{- end }}
{{- with include "redress.callersOf" (list $root "redress.trusts" $w.service) | fromJsonArray }}
- from:
    {{- range . }}
    {{- include "redress.answeringPeer" (list $root .) | nindent 4 }}
    {{- end }}
  {{- include "redress.tcp" 7080 | nindent 2 }}
{{- end }}
{{- if and (eq $w.service "analytics") $root.Values.tests.enabled }}
- from:
    {{- include "redress.peer" (list $root "smoke") | nindent 4 }}
  {{- include "redress.tcp" 7080 | nindent 2 }}
{{- end }}
{{- if eq $w.service "gateway" }}
{{- include "redress.doorRule" $root | nindent 0 }}
{{- end }}
{{- end }}
{{- with $policy.extraIngress }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* (root, name of a table, service) -> services of this release whose row in the table holds it. */}}
{{- define "redress.callersOf" -}}
{{- $root := first . }}
{{- $rows := include "redress.rowsWith" (list (include (index . 1) $root | fromJson) (index . 2)) | fromJsonArray }}
{{- include "redress.enabledOf" (list $root $rows) }}
{{- end }}

{{/* Who may use the public port. */}}
{{- define "redress.doorRule" -}}
- from:
    {{- include "redress.selectedPeer" .Values.networkPolicy.ingressController | nindent 4 }}
    {{- if .Values.tests.enabled }}
    {{- include "redress.peer" (list . "smoke") | nindent 4 }}
    {{- end }}
    {{- if .Values.definitions.enabled }}
    {{- include "redress.peer" (list . "definitions") | nindent 4 }}
    {{- end }}
    {{- with .Values.networkPolicy.extraGatewayFrom }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  {{- include "redress.tcp" 8080 | nindent 2 }}
{{- end }}

{{/* (root, workload) -> whom its pods may call. */}}
{{- define "redress.egressRules" -}}
{{- $root := first . }}{{ $w := index . 1 }}
{{- include "redress.dnsRule" $root }}
{{ include "redress.postgresqlRule" $root }}
{{ include "redress.natsRule" $root }}
{{- with include "redress.enabledOf" (list $root (index (include "redress.asks" $root | fromJson) $w.service)) | fromJsonArray }}
- to:
    {{- range . }}
    {{- include "redress.answeringPeer" (list $root .) | nindent 4 }}
    {{- end }}
  {{- include "redress.tcp" 7000 | nindent 2 }}
{{- end }}
{{- if ne $w.role "worker" }}
{{- with include "redress.enabledOf" (list $root (index (include "redress.trusts" $root | fromJson) $w.service)) | fromJsonArray }}
- to:
    {{- range . }}
    {{- include "redress.answeringPeer" (list $root .) | nindent 4 }}
    {{- end }}
  {{- include "redress.tcp" 7080 | nindent 2 }}
{{- end }}
{{- end }}
{{- if and (eq $w.service "notify") (ne $w.role "api") $root.Values.smtp.host }}
{{ include "redress.serverRule" (list $root.Values.networkPolicy.smtp.to (list $root.Values.smtp.port)) }}
{{- end }}
{{- if eq $w.service "intake" }}
{{- with $root.Values.networkPolicy }}
{{- if $root.Values.objects.url }}
{{ include "redress.serverRule" (list .objects.to (list $root.Values.objects.port)) }}
{{- end }}
{{- if $root.Values.virusScan.host }}
{{ include "redress.serverRule" (list .virusScan.to (list $root.Values.virusScan.port)) }}
{{- end }}
{{- if and .mailboxes.enabled (ne $w.role "api") }}
{{ include "redress.serverRule" (list .mailboxes.to (list .mailboxes.port)) }}
{{- end }}
{{- end }}
{{- end }}
{{- with $root.Values.networkPolicy.extraEgress }}
{{ toYaml . }}
{{- end }}
{{- end }}
