{{/* Jobs: one container, restricted, all they are told inline. */}}

{{/* (root, mode, weight) -> annotations that make a Job a hook before install and upgrade. */}}
{{- define "redress.hookAnnotations" -}}
{{- if eq (index . 1) "hook" }}
helm.sh/hook: pre-install,pre-upgrade
helm.sh/hook-weight: {{ index . 2 | quote }}
helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded
{{- else }}{}{{ end }}
{{- end }}

{{/* (root, mode, suffix, spec) -> name. Jobs are immutable: outside hooks the name changes with version and content. */}}
{{- define "redress.jobName" -}}
{{- $root := first . }}{{ $suffix := index . 2 }}
{{- if ne (index . 1) "hook" }}
{{- $suffix = printf "%s-%s-%s" $suffix ($root.Chart.Version | replace "+" "-" | replace "." "-" | lower) (index . 3 | sha256sum | trunc 8) }}
{{- end }}
{{- include "redress.objectName" (list $root $suffix) }}
{{- end }}

{{/* (root, {component, service, name, image, command, env, resources, cas, mounts, volumes}) -> template of a Job's pod. */}}
{{- define "redress.jobPod" -}}
{{- $root := first . }}{{ $job := index . 1 }}{{ $defaults := $root.Values.defaults -}}
metadata:
  labels:
    {{- include "redress.podLabels" (list $root $job.component) | nindent 4 }}
    {{- with $job.service }}
    redress.io/service: {{ . }}
    {{- end }}
  {{- with $root.Values.commonAnnotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  restartPolicy: Never
  {{- include "redress.podBasics" (list $root $defaults.podSecurityContext) | nindent 2 }}
  {{- range $name := list "nodeSelector" "tolerations" "priorityClassName" }}
  {{- with index $defaults $name }}
  {{ $name }}: {{ if kindIs "string" . }}{{ . | quote }}{{ else }}{{ toYaml . | nindent 4 }}{{ end }}
  {{- end }}
  {{- end }}
  containers:
    - name: {{ $job.name }}
      image: {{ $job.image }}
      imagePullPolicy: {{ $root.Values.image.pullPolicy }}
      command: {{ toJson $job.command }}
      {{- with $job.args }}
      args: {{ toJson . }}
      {{- end }}
      env:
        {{- $job.env | nindent 8 }}
      resources:
        {{- toYaml $job.resources | nindent 8 }}
      securityContext:
        {{- toYaml $defaults.securityContext | nindent 8 }}
      volumeMounts:
        - {name: tmp, mountPath: /tmp}
        {{- include "redress.caMounts" (list $root $job.cas) | nindent 8 }}
        {{- with $job.mounts }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
  volumes:
    {{- include "redress.tmpVolume" "64Mi" | nindent 4 }}
    {{- include "redress.caVolumes" (list $root $job.cas) | nindent 4 }}
    {{- with $job.volumes }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
{{- end }}

{{/* (root, limits: {mode, backoffLimit, activeDeadlineSeconds, ttlSecondsAfterFinished}, pod) -> spec of a Job. */}}
{{- define "redress.jobSpec" -}}
{{- $limits := index . 1 -}}
backoffLimit: {{ int $limits.backoffLimit }}
activeDeadlineSeconds: {{ int $limits.activeDeadlineSeconds }}
{{- if and (ne $limits.mode "hook") (not (kindIs "invalid" $limits.ttlSecondsAfterFinished)) }}
ttlSecondsAfterFinished: {{ int $limits.ttlSecondsAfterFinished }}
{{- end }}
template:
  {{- index . 2 | nindent 2 }}
{{- end }}
