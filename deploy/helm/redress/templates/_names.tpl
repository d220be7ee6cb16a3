{{- define "redress.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "redress.namespace" -}}
{{- default .Release.Namespace .Values.namespaceOverride }}
{{- end }}

{{/* "<text> <most>" -> the text, or its beginning with a hash of the whole: two long names stay two. */}}
{{- define "redress.cut" -}}
{{- $text := first . }}{{ $most := last . | int }}
{{- if le (len $text) $most }}{{ $text }}
{{- else }}{{ printf "%s-%s" (trunc (int (sub $most 9)) $text | trimSuffix "-") (sha256sum $text | trunc 8) }}
{{- end }}
{{- end }}

{{/* 40 leaves room for what is added to it: 63 is the limit of names that become labels or DNS names. */}}
{{- define "redress.fullname" -}}
{{- $own := ternary .Release.Name (printf "%s-%s" .Release.Name (include "redress.name" .)) (contains (include "redress.name" .) .Release.Name) }}
{{- include "redress.cut" (list (default $own .Values.fullnameOverride) 40) }}
{{- end }}

{{/* (root, suffix[, most]) -> name of an object. */}}
{{- define "redress.objectName" -}}
{{- $most := 63 }}{{ if gt (len .) 2 }}{{ $most = index . 2 }}{{ end }}
{{- include "redress.cut" (list (printf "%s-%s" (include "redress.fullname" (first .)) (index . 1)) $most) }}
{{- end }}

{{/* (root, service) -> host name of the headless Service. */}}
{{- define "redress.host" -}}
{{- printf "%s.%s.svc" (include "redress.objectName" .) (include "redress.namespace" (first .)) }}
{{- end }}

{{/* (root, component) -> what selectors hold. Immutable: never change them. */}}
{{- define "redress.selector" -}}
app.kubernetes.io/name: {{ include "redress.name" (first .) }}
app.kubernetes.io/instance: {{ (first .).Release.Name }}
{{- with index . 1 }}
app.kubernetes.io/component: {{ . }}
{{- end }}
{{- end }}

{{/* (root, component) -> of a pod: without the chart's version, whose change alone rolls no pod. */}}
{{- define "redress.podLabels" -}}
{{- $root := first . }}
{{- include "redress.selector" . }}
app.kubernetes.io/part-of: redress
app.kubernetes.io/version: {{ $root.Chart.AppVersion | quote }}
{{- with $root.Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* (root, component) -> of an object. */}}
{{- define "redress.labels" -}}
{{- $root := first . }}
{{- include "redress.podLabels" . }}
app.kubernetes.io/managed-by: {{ $root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" $root.Chart.Name $root.Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{- end }}

{{/* (root, component, name[, annotations]) -> metadata of an object. */}}
{{- define "redress.metadata" -}}
{{- $root := first . }}
metadata:
  name: {{ index . 2 }}
  namespace: {{ include "redress.namespace" $root }}
  labels:
    {{- include "redress.labels" (list $root (index . 1)) | nindent 4 }}
  {{- $annotations := deepCopy $root.Values.commonAnnotations }}
  {{- if gt (len .) 3 }}{{ $annotations = mergeOverwrite $annotations (index . 3) }}{{ end }}
  {{- with $annotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end }}
