{{/* The REDRESS_* variables of a service that are no secret: what ConfigMap <fullname>-<service>, or -<service>-<role> of a split one, holds. */}}

{{/* a number or text of values -> text of a variable: whole numbers without an exponent. */}}
{{- define "redress.text" -}}
{{- if kindIs "float64" . }}{{ if eq . (floor .) }}{{ int64 . }}{{ else }}{{ toString . }}{{ end }}{{ else }}{{ toString . }}{{ end }}
{{- end }}

{{/* (root, {service, spec}) -> map. Later ones win; last what values set by name. */}}
{{- define "redress.settings" -}}
{{- $root := first . }}{{ $one := index . 1 }}
{{- $settings := include "redress.commonSettings" . | fromYaml }}
{{- $settings = mergeOverwrite $settings (include (printf "redress.settings.%s" $one.service) $root | fromYaml) }}
{{- range $asked := include "redress.enabledOf" (list $root (index (include "redress.asks" $root | fromJson) $one.service)) | fromJsonArray }}
{{- $_ := set $settings (printf "REDRESS_%s_TARGET" (upper $asked)) (printf "%s:7000" (include "redress.host" (list $root $asked))) }}
{{- end }}
{{- range $name, $value := $one.spec.settings }}
{{- $_ := set $settings $name (include "redress.text" $value) }}
{{- end }}
{{- toYaml $settings }}
{{- end }}

{{- define "redress.commonSettings" -}}
{{- $root := first . }}{{ $service := (index . 1).service }}{{ $spec := (index . 1).spec }}{{ $database := $spec.database }}
REDRESS_DSN: {{ include "redress.dsn" (list $root $database.user $database.name false) | quote }}
{{- if or $root.Values.postgresql.directHost $root.Values.postgresql.directPort }}
REDRESS_DIRECT_DSN: {{ include "redress.dsn" (list $root $database.user $database.name true) | quote }}
{{- end }}
{{ include "redress.natsSettings" (list $root $spec.nats.user $service) }}
REDRESS_NATS_PROVISION: "false"
REDRESS_GRPC_BIND: {{ printf "%s:7000" $root.Values.listenHost | quote }}
REDRESS_OPS_BIND: {{ printf "%s:7080" $root.Values.listenHost | quote }}
REDRESS_TRUSTED_ISSUERS: {{ include "redress.trustedIssuers" (list $root $service) | quote }}
REDRESS_FAREWELL_SECONDS: {{ include "redress.text" $spec.farewellSeconds | quote }}
REDRESS_DRAIN_SECONDS: {{ include "redress.text" $spec.drainSeconds | quote }}
{{- end }}

{{/* (root, service) -> JSON {issuer: URL of its public keys} */}}
{{- define "redress.trustedIssuers" -}}
{{- $root := first . }}{{ $keys := dict }}
{{- range include "redress.enabledOf" (list $root (index (include "redress.trusts" $root | fromJson) (index . 1))) | fromJsonArray }}
{{- $_ := set $keys . (printf "http://%s:7080/.well-known/jwks.json" (include "redress.host" (list $root .))) }}
{{- end }}
{{- toJson $keys }}
{{- end }}

{{- define "redress.settings.intake" -}}
REDRESS_PUBLIC_URL: {{ .Values.organisation.publicUrl | quote }}
REDRESS_MAIL_FROM: {{ .Values.organisation.mailFrom | quote }}
{{- with .Values.objects }}
REDRESS_OBJECTS_URL: {{ .url | quote }}
REDRESS_OBJECTS_ENDPOINT: {{ .endpoint | quote }}
REDRESS_OBJECTS_REGION: {{ .region | quote }}
{{- end }}
REDRESS_SCAN_HOST: {{ .Values.virusScan.host | quote }}
REDRESS_SCAN_PORT: {{ .Values.virusScan.port | int | quote }}
{{- end }}
{{- define "redress.settings.workflow" }}{}{{ end }}
{{- define "redress.settings.capa" }}{}{{ end }}
{{- define "redress.settings.analytics" -}}
REDRESS_TIME_ZONE: {{ .Values.organisation.timeZone | quote }}
{{- end }}
{{- define "redress.settings.gateway" -}}
REDRESS_PUBLIC_BIND: {{ printf "%s:8080" .Values.listenHost | quote }}
REDRESS_PUBLIC_URL: {{ .Values.organisation.publicUrl | quote }}
REDRESS_ORGANISATION: {{ .Values.organisation.name | quote }}
REDRESS_TIME_ZONE: {{ .Values.organisation.timeZone | quote }}
{{- end }}
{{- define "redress.settings.notify" -}}
REDRESS_PUBLIC_URL: {{ .Values.organisation.publicUrl | quote }}
REDRESS_ORGANISATION: {{ .Values.organisation.name | quote }}
REDRESS_TIME_ZONE: {{ .Values.organisation.timeZone | quote }}
REDRESS_MAIL_FROM: {{ .Values.organisation.mailFrom | quote }}
{{- with .Values.smtp }}
REDRESS_SMTP_HOST: {{ .host | quote }}
REDRESS_SMTP_PORT: {{ .port | int | quote }}
REDRESS_SMTP_STARTTLS: {{ .startTls | quote }}
REDRESS_SMTP_USERNAME: {{ .username | quote }}
REDRESS_SMTP_CA_FILE: {{ include "redress.caFile" (list $ .ca "smtp-ca") | quote }}
{{- end }}
{{- end }}
