{{/* What a schema cannot say: each sentence says what to set. */}}
{{- define "redress.validate" -}}
{{- end }}
