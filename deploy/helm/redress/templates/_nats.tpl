{{/* -> [{user, service, publish, subscribe}]: who may do what on NATS, generated from the code. */}}
{{- define "redress.natsUsers" -}}
{{- $text := .Files.Get "files/nats/users.yaml" }}
{{- if not $text }}{{ fail "files/nats/users.yaml is missing from the chart: package it again (make chart)" }}{{ end }}
{{- $text }}
{{- end }}
