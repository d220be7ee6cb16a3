{{/* (root, own Secret or "", key, path of the value that names it) -> secretKeyRef. */}}
{{- define "redress.secretKeyRef" -}}
secretKeyRef: {name: {{ include "redress.secretName" (list (first .) (index . 1) (index . 3)) }}, key: {{ index . 2 | quote }}}
{{- end }}

{{/* (root, own Secret or "", path of the value that names it) -> name. Fails where no Secret is named. */}}
{{- define "redress.secretName" -}}
{{- $root := first . }}
{{- $shared := $root.Values.secrets.existingSecret }}
{{- if and (not $shared) $root.Values.dev.bundled.enabled }}{{ $shared = include "redress.objectName" (list $root "dev-secrets") }}{{ end }}
{{- $name := default $shared (index . 1) }}
{{- if not $name }}
{{- fail (printf "secrets.existingSecret is empty: set it to the Secret that holds all keys (README, Secrets), or name one for each credential (here: %s)" (index . 2)) }}
{{- end }}
{{- $name }}
{{- end }}
