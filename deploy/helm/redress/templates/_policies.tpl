{{/* Pieces of NetworkPolicies. Every edge is written at both its ends. */}}

{{/* (root, component) -> a peer: all pods of it. */}}
{{- define "redress.peer" -}}
- podSelector:
    matchLabels:
      {{- include "redress.selector" . | nindent 6 }}
{{- end }}

{{/* (root, service) -> a peer: those of its pods that answer calls. */}}
{{- define "redress.answeringPeer" -}}
{{- $split := (index (first .).Values.services (index . 1)).split -}}
- podSelector:
    matchLabels:
      {{- include "redress.selector" . | nindent 6 }}
      redress.io/role: {{ ternary "api" "all" $split }}
{{- end }}

{{/* {namespaceSelector, podSelector} of values -> a peer. */}}
{{- define "redress.selectedPeer" -}}
- namespaceSelector: {{ toJson .namespaceSelector }}
  podSelector: {{ toJson .podSelector }}
{{- end }}

{{/* port -> ports of a rule. */}}
{{- define "redress.tcp" -}}
ports: [{port: {{ int . }}, protocol: TCP}]
{{- end }}

{{- define "redress.dnsRule" -}}
{{- with .Values.networkPolicy.dns }}
- to:
    {{- toYaml .to | nindent 4 }}
  ports:
    - {port: {{ int .port }}, protocol: UDP}
    - {port: {{ int .port }}, protocol: TCP}
{{- end }}
{{- end }}

{{/* (peers, ports) -> a rule; no peers: anywhere. */}}
{{- define "redress.serverRule" -}}
- ports:
    {{- range index . 1 | uniq }}
    - {port: {{ int . }}, protocol: TCP}
    {{- end }}
  {{- with first . }}
  to:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end }}

{{- define "redress.postgresqlRule" -}}
{{- $pg := .Values.postgresql }}
{{- $peers := .Values.networkPolicy.postgresql.to }}
{{- if not $pg.host }}{{ $peers = include "redress.peer" (list . "dev-postgresql") | fromYamlArray }}{{ end }}
{{- include "redress.serverRule" (list $peers (list $pg.port (default $pg.port $pg.directPort))) }}
{{- end }}

{{- define "redress.natsRule" -}}
{{- $peers := .Values.networkPolicy.nats.to }}
{{- if not .Values.nats.urls }}{{ $peers = include "redress.peer" (list . "dev-nats") | fromYamlArray }}{{ end }}
{{- $ports := list }}
{{- range include "redress.natsServers" . | fromJsonArray }}{{ $ports = append $ports (regexFind "[0-9]+$" . | int) }}{{ end }}
{{- include "redress.serverRule" (list $peers $ports) }}
{{- end }}

{{/* (table, service) -> those whose row holds it. */}}
{{- define "redress.rowsWith" -}}
{{- $wanted := index . 1 }}{{ $found := list }}
{{- range $name, $row := first . }}
{{- if has $wanted $row }}{{ $found = append $found $name }}{{ end }}
{{- end }}
{{- toJson $found }}
{{- end }}
