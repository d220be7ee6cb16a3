{{/* Certificate authorities: who signed the servers' certificates, and where a container finds them. */}}

{{/* (root, ca, mount name) -> path of the file, or nothing. customCa serves those who name none of their own. */}}
{{- define "redress.caFile" -}}
{{- $root := first . }}{{ $ca := index . 1 }}
{{- if or $ca.existingSecret $ca.existingConfigMap }}/etc/redress/{{ index . 2 }}/{{ $ca.key }}
{{- else if $ca.system }}/etc/ssl/certs/ca-certificates.crt
{{- else }}{{ include "redress.customCaFile" $root }}
{{- end }}
{{- end }}

{{- define "redress.customCaFile" -}}
{{- with .Values.customCa }}{{ if or .existingSecret .existingConfigMap }}/etc/redress/custom-ca/{{ .key }}{{ end }}{{ end }}
{{- end }}

{{/* (root, names of authorities wanted) -> [{name, ca}] that must be mounted. */}}
{{- define "redress.mountedCas" -}}
{{- $v := (first .).Values }}
{{- $all := dict "postgresql-ca" $v.postgresql.ca "nats-ca" $v.nats.tls.ca "smtp-ca" $v.smtp.ca "custom-ca" $v.customCa }}
{{- $found := list }}
{{- range $name := append (index . 1) "custom-ca" }}
{{- $ca := index $all $name }}
{{- if or $ca.existingSecret $ca.existingConfigMap }}{{ $found = append $found (dict "name" $name "ca" $ca) }}{{ end }}
{{- end }}
{{- toJson $found }}
{{- end }}

{{- define "redress.caVolumes" -}}
{{- range include "redress.mountedCas" . | fromJsonArray }}
- name: {{ .name }}
  {{- if .ca.existingSecret }}
  secret:
    secretName: {{ .ca.existingSecret }}
    items: [{key: {{ .ca.key }}, path: {{ .ca.key }}}]
  {{- else }}
  configMap:
    name: {{ .ca.existingConfigMap }}
    items: [{key: {{ .ca.key }}, path: {{ .ca.key }}}]
  {{- end }}
{{- end }}
{{- end }}

{{- define "redress.caMounts" -}}
{{- range include "redress.mountedCas" . | fromJsonArray }}
- {name: {{ .name }}, mountPath: /etc/redress/{{ .name }}, readOnly: true}
{{- end }}
{{- end }}

{{- define "redress.customCaEnv" -}}
{{- with include "redress.customCaFile" . }}
- {name: SSL_CERT_FILE, value: {{ . | quote }}}
{{- end }}
{{- end }}
