{{/* What containers are told besides their ConfigMap: secrets by reference, the pod's name. */}}

{{/* (root, workload) -> env of a service's container. */}}
{{- define "redress.env" -}}
{{- $root := first . }}{{ $service := (index . 1).service }}{{ $spec := (index . 1).spec }}
{{- $at := printf "services.%s" $service -}}
- name: REDRESS_REPLICA
  valueFrom: {fieldRef: {fieldPath: metadata.name}}
- name: REDRESS_DB_PASSWORD
  valueFrom:
    {{- include "redress.secretKeyRef" (list $root $spec.database.existingSecret $spec.database.passwordKey (printf "%s.database.existingSecret" $at)) | nindent 4 }}
- name: REDRESS_NATS_PASSWORD
  valueFrom:
    {{- include "redress.secretKeyRef" (list $root $spec.nats.existingSecret $spec.nats.passwordKey (printf "%s.nats.existingSecret" $at)) | nindent 4 }}
- name: REDRESS_SIGNING_KEY
  valueFrom:
    {{- include "redress.secretKeyRef" (list $root $spec.signingKey.existingSecret $spec.signingKey.key (printf "%s.signingKey.existingSecret" $at)) | nindent 4 }}
{{- if eq $service "intake" }}
- name: REDRESS_SEALING_KEY
  valueFrom:
    {{- include "redress.secretKeyRef" (list $root $spec.sealingKey.existingSecret $spec.sealingKey.key (printf "%s.sealingKey.existingSecret" $at)) | nindent 4 }}
- name: REDRESS_SEALING_KEYS_RETIRED
  valueFrom:
    secretKeyRef:
      name: {{ include "redress.secretName" (list $root $spec.retiredSealingKeys.existingSecret (printf "%s.retiredSealingKeys.existingSecret" $at)) }}
      key: {{ $spec.retiredSealingKeys.key | quote }}
      optional: true
{{- with $root.Values.objects }}
{{- if .url }}
- name: REDRESS_OBJECTS_ACCESS_KEY_ID
  valueFrom:
    {{- include "redress.secretKeyRef" (list $root .existingSecret .accessKeyIdKey "objects.existingSecret") | nindent 4 }}
- name: REDRESS_OBJECTS_SECRET_ACCESS_KEY
  valueFrom:
    {{- include "redress.secretKeyRef" (list $root .existingSecret .secretAccessKeyKey "objects.existingSecret") | nindent 4 }}
{{- end }}
{{- end }}
{{- end }}
{{- if eq $service "gateway" }}
- name: REDRESS_KEY_PEPPER
  valueFrom:
    {{- include "redress.secretKeyRef" (list $root $spec.keyPepper.existingSecret $spec.keyPepper.key (printf "%s.keyPepper.existingSecret" $at)) | nindent 4 }}
- name: REDRESS_BOOTSTRAP_ADMIN_KEY
  valueFrom:
    secretKeyRef:
      name: {{ include "redress.secretName" (list $root $spec.bootstrapAdminKey.existingSecret (printf "%s.bootstrapAdminKey.existingSecret" $at)) }}
      key: {{ $spec.bootstrapAdminKey.key | quote }}
      optional: true
{{- end }}
{{- if and (eq $service "notify") $root.Values.smtp.username }}
- name: REDRESS_SMTP_PASSWORD
  valueFrom:
    {{- include "redress.secretKeyRef" (list $root $root.Values.smtp.existingSecret $root.Values.smtp.passwordKey "smtp.existingSecret") | nindent 4 }}
{{- end }}
{{- include "redress.customCaEnv" $root }}
{{- with $spec.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* (root, {service, spec}) -> env of `migrate`, all of it inline: a hook runs before any ConfigMap of the chart exists. */}}
{{- define "redress.migrateEnv" -}}
{{- $root := first . }}{{ $one := index . 1 }}{{ $database := $one.spec.database -}}
- name: REDRESS_MIGRATE_DSN
  value: {{ include "redress.dsn" (list $root $database.migrateUser $database.name true) | quote }}
- name: REDRESS_MIGRATE_PASSWORD
  valueFrom:
    {{- include "redress.secretKeyRef" (list $root $database.migrateExistingSecret $database.migratePasswordKey (printf "services.%s.database.migrateExistingSecret" $one.service)) | nindent 4 }}
{{- range $name := list "REDRESS_OUTBOX_RETENTION_DAYS" "REDRESS_INBOX_RETENTION_DAYS" }}
{{- if hasKey $one.spec.settings $name }}
- {name: {{ $name }}, value: {{ include "redress.text" (index $one.spec.settings $name) | quote }}}
{{- end }}
{{- end }}
{{- include "redress.customCaEnv" $root }}
{{- end }}

{{/* root -> env of `python -m chassis.provision`. */}}
{{- define "redress.provisionEnv" -}}
{{- $provision := .Values.nats.provision }}
{{- range $name, $value := include "redress.natsSettings" (list . $provision.user "provisioner") | fromYaml }}
- {name: {{ $name }}, value: {{ $value | quote }}}
{{- end }}
- name: REDRESS_NATS_PASSWORD
  valueFrom:
    {{- include "redress.secretKeyRef" (list . $provision.existingSecret $provision.passwordKey "nats.provision.existingSecret") | nindent 4 }}
- name: REDRESS_PARTNERS
  value: {{ .Values.nats.partners | toJson | quote }}
{{- include "redress.customCaEnv" . }}
{{- end }}
