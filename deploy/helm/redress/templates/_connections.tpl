{{/* How containers reach PostgreSQL and NATS. Nothing here is secret: passwords come by variables of their own. */}}

{{- define "redress.postgresqlHost" -}}
{{- if .Values.postgresql.host }}{{ .Values.postgresql.host }}
{{- else if .Values.dev.bundled.enabled }}{{ include "redress.host" (list . "dev-postgresql") }}
{{- end }}
{{- end }}

{{/* (root, user, database, direct) -> a DSN without password. direct: past a transaction pooler. */}}
{{- define "redress.dsn" -}}
{{- $root := first . }}{{ $pg := $root.Values.postgresql }}
{{- $host := include "redress.postgresqlHost" $root }}
{{- $port := $pg.port | int }}
{{- if index . 3 }}{{ $host = default $host $pg.directHost }}{{ $port = default $port (int $pg.directPort) }}{{ end }}
{{- if and (contains ":" $host) (not (hasPrefix "[" $host)) }}{{ $host = printf "[%s]" $host }}{{ end }}
{{- $ca := include "redress.caFile" (list $root $pg.ca "postgresql-ca") }}
{{- printf "postgresql://%s@%s:%d/%s?sslmode=%s" (index . 1) $host $port (index . 2) $pg.sslMode }}
{{- if and $ca (hasPrefix "verify" $pg.sslMode) }}&sslrootcert={{ $ca }}{{ end }}
{{- end }}

{{/* root -> [host:port] */}}
{{- define "redress.natsServers" -}}
{{- $servers := list }}
{{- range .Values.nats.urls }}
{{- $address := regexReplaceAll "^(nats|tls)://" . "" }}
{{- $servers = append $servers (ternary $address (printf "%s:4222" $address) (regexMatch ":[0-9]+$" $address)) }}
{{- end }}
{{- if and (not $servers) .Values.dev.bundled.enabled }}
{{- $servers = list (printf "%s:4222" (include "redress.host" (list . "dev-nats"))) }}
{{- end }}
{{- toJson $servers }}
{{- end }}

{{/* (root, user, inbox) -> settings of whoever connects to NATS; each has an inbox of its own. */}}
{{- define "redress.natsSettings" -}}
{{- $root := first . }}{{ $tls := $root.Values.nats.tls }}
{{- $urls := list }}
{{- range include "redress.natsServers" $root | fromJsonArray }}
{{- $urls = append $urls (printf "%s://%s" (ternary "tls" "nats" $tls.enabled) .) }}
{{- end }}
REDRESS_NATS_URL: {{ join "," $urls | quote }}
REDRESS_NATS_USER: {{ index . 1 | quote }}
REDRESS_NATS_INBOX_PREFIX: {{ printf "_INBOX_%s" (index . 2) | quote }}
REDRESS_NATS_REPLICAS: {{ $root.Values.nats.replicas | int | quote }}
REDRESS_STREAM_MAX_AGE_DAYS: {{ $root.Values.nats.maxAgeDays | int | quote }}
{{- if $tls.enabled }}
{{- with include "redress.caFile" (list $root $tls.ca "nats-ca") }}
REDRESS_NATS_CA_FILE: {{ . | quote }}
{{- end }}
{{- end }}
{{- end }}
