{{/* What a schema cannot say. Each sentence names what is wrong and what to set. */}}
{{- define "redress.validate" -}}
{{- include "redress.validate.servers" . }}
{{- include "redress.validate.recovery" . }}
{{- include "redress.validate.bundled" . }}
{{- include "redress.validate.authorities" . }}
{{- include "redress.validate.door" . }}
{{- range $one := include "redress.services" . | fromJsonArray }}
{{- include "redress.validate.split" $one }}
{{- end }}
{{- range $w := include "redress.workloads" . | fromJsonArray }}
{{- include "redress.validate.settings" $w }}
{{- include "redress.validate.scaling" (list $ $w) }}
{{- include "redress.validate.lifetime" $w }}
{{- end }}
{{- end }}

{{- define "redress.validate.recovery" -}}
{{- if and .Values.recover.enabled (not .Values.stopped) }}
{{- fail "recover.enabled while services run: set stopped: true too, and both to false afterwards" }}
{{- end }}
{{- end }}

{{- define "redress.validate.servers" -}}
{{- $pg := .Values.postgresql }}
{{- if not (include "redress.postgresqlHost" .) }}
{{- fail "postgresql.host is empty: set it to your PostgreSQL server (or dev.bundled.enabled: true for a trial)" }}
{{- end }}
{{- if not (include "redress.natsServers" . | fromJsonArray) }}
{{- fail "nats.urls is empty: set it to the host:port of your NATS servers (or dev.bundled.enabled: true for a trial)" }}
{{- end }}
{{- range .Values.nats.urls }}
{{- if contains "@" . }}{{ fail "nats.urls holds credentials: write host:port only; users are services.<name>.nats.user, passwords lie in Secrets" }}{{ end }}
{{- if and (hasPrefix "tls://" .) (not $.Values.nats.tls.enabled) }}{{ fail (printf "nats.urls has %s, but nats.tls.enabled is false: set it to true, or write host:port" .) }}{{ end }}
{{- end }}
{{- if and (eq $pg.sslMode "disable") $pg.host (not $pg.allowUnencrypted) }}
{{- fail "postgresql.sslMode disable sends passwords and complaints in the clear: set verify-full, or postgresql.allowUnencrypted: true if the network is your own" }}
{{- end }}
{{- if and (hasPrefix "verify" $pg.sslMode) (not (include "redress.caFile" (list . $pg.ca "postgresql-ca"))) }}
{{- fail (printf "postgresql.sslMode is %s, but nothing says who signed the certificate: set postgresql.ca.existingSecret, postgresql.ca.existingConfigMap, postgresql.ca.system: true, or customCa" $pg.sslMode) }}
{{- end }}
{{- if and .Values.nats.tls.enabled (not (include "redress.caFile" (list . .Values.nats.tls.ca "nats-ca"))) }}
{{- fail "nats.tls.enabled, but nothing says who signed the certificate: set nats.tls.ca.existingSecret, nats.tls.ca.existingConfigMap, nats.tls.ca.system: true, or customCa" }}
{{- end }}
{{- if and .Values.smtp.host (not .Values.organisation.mailFrom) }}
{{- fail "smtp.host is set, but letters have no sender: set organisation.mailFrom" }}
{{- end }}
{{- if and .Values.smtp.username (not .Values.smtp.startTls) }}
{{- fail "smtp.username would send its password in the clear: set smtp.startTls: true, or smtp.username: \"\"" }}
{{- end }}
{{- end }}

{{- define "redress.validate.bundled" -}}
{{- if .Values.dev.bundled.enabled }}
{{- if eq .Values.migrations.mode "hook" }}{{ fail "dev.bundled makes PostgreSQL part of the release, which a hook runs before: set migrations.mode: job" }}{{ end }}
{{- if eq .Values.nats.provision.mode "hook" }}{{ fail "dev.bundled makes NATS part of the release, which a hook runs before: set nats.provision.mode: job" }}{{ end }}
{{- if and (not .Values.postgresql.host) (ne .Values.postgresql.sslMode "disable") }}{{ fail "dev.bundled's PostgreSQL speaks no TLS: set postgresql.sslMode: disable" }}{{ end }}
{{- if and (not .Values.nats.urls) .Values.nats.tls.enabled }}{{ fail "dev.bundled's NATS speaks no TLS: set nats.tls.enabled: false" }}{{ end }}
{{- if and (not .Values.nats.urls) .Values.nats.partners }}{{ fail "dev.bundled's NATS has no users for partners: set nats.partners: [], or nats.urls to servers of yours" }}{{ end }}
{{- if and (not .Values.nats.urls) (gt (int .Values.nats.replicas) 1) }}{{ fail "dev.bundled's NATS is one server: set nats.replicas: 1" }}{{ end }}
{{- end }}
{{- end }}

{{- define "redress.validate.authorities" -}}
{{- range $path, $ca := dict "postgresql.ca" .Values.postgresql.ca "nats.tls.ca" .Values.nats.tls.ca "smtp.ca" .Values.smtp.ca "customCa" .Values.customCa }}
{{- if and $ca.existingSecret $ca.existingConfigMap }}
{{- fail (printf "%s names a Secret and a ConfigMap: set only one of %s.existingSecret and %s.existingConfigMap" $path $path $path) }}
{{- end }}
{{- end }}
{{- end }}

{{- define "redress.validate.door" -}}
{{- $v := .Values }}
{{- if and $v.ingress.enabled $v.httpRoute.enabled }}{{ fail "ingress.enabled and httpRoute.enabled are both true: set one of them to false" }}{{ end }}
{{- if and $v.ingress.enabled (not $v.ingress.hosts) }}{{ fail "ingress.enabled, but no host: set ingress.hosts, e.g. [{host: complaints.example}]" }}{{ end }}
{{- if and $v.httpRoute.enabled (not $v.httpRoute.parentRefs) }}{{ fail "httpRoute.enabled, but no gateway: set httpRoute.parentRefs, e.g. [{name: public}]" }}{{ end }}
{{- if and $v.definitions.enabled (not $v.definitions.existingConfigMap) }}{{ fail "definitions.enabled, but no files: set definitions.existingConfigMap" }}{{ end }}
{{- range $feature := list "ingress" "httpRoute" "definitions" "tests" }}
{{- if and (index $v $feature).enabled (not $v.services.gateway.enabled) }}{{ fail (printf "%s.enabled needs the gateway: set services.gateway.enabled: true, or %s.enabled: false" $feature $feature) }}{{ end }}
{{- end }}
{{- if and $v.tests.enabled (not $v.services.analytics.enabled) }}{{ fail "tests.enabled looks at analytics: set services.analytics.enabled: true, or tests.enabled: false" }}{{ end }}
{{- end }}
