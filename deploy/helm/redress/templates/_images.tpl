{{/* (root, name, {repository, tag, digest}) -> a whole reference. The chart's registry wins over global.imageRegistry. */}}
{{- define "redress.image" -}}
{{- $root := first . }}{{ $own := index . 2 }}
{{- $registry := default (dig "imageRegistry" "" (default dict $root.Values.global)) $root.Values.image.registry }}
{{- $repository := default (printf "%s-%s" $root.Values.image.repository (index . 1)) $own.repository }}
{{- $tag := default $root.Chart.AppVersion (default $root.Values.image.tag $own.tag) }}
{{- with $registry }}{{ trimSuffix "/" . }}/{{ end }}{{ $repository }}
{{- if $own.digest }}@{{ $own.digest }}{{ else }}:{{ $tag }}{{ end }}
{{- end }}

{{/* Items are names, or maps with a name: parent charts write global.imagePullSecrets either way. */}}
{{- define "redress.imagePullSecrets" -}}
{{- with default (dig "imagePullSecrets" list (default dict .Values.global)) .Values.imagePullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ if kindIs "string" . }}{{ . }}{{ else }}{{ .name }}{{ end }}
  {{- end }}
{{- end }}
{{- end }}

{{/* root -> image of some service, for what all images have (chassis.provision). */}}
{{- define "redress.anyImage" -}}
{{- $one := include "redress.services" . | fromJsonArray | first }}
{{- include "redress.image" (list . $one.service $one.spec.image) }}
{{- end }}
