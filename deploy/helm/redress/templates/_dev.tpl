{{/* The bundled servers of a trial: one pod each, restricted like everything else. */}}

{{/* (root, {component, image, runAsUser, ports, resources, container, volumes, dataPath, checksum}) -> StatefulSet and Service. */}}
{{- define "redress.devServer" -}}
{{- $root := first . }}{{ $server := index . 1 }}
{{- $name := include "redress.objectName" (list $root $server.component 52) }}
{{- $persistence := $root.Values.dev.bundled.persistence -}}
apiVersion: v1
kind: Service
{{- include "redress.metadata" (list $root $server.component $name) }}
spec:
  clusterIP: None
  selector:
    {{- include "redress.selector" (list $root $server.component) | nindent 4 }}
  ports:
    {{- toYaml $server.ports | nindent 4 }}
---
apiVersion: apps/v1
kind: StatefulSet
{{- include "redress.metadata" (list $root $server.component $name) }}
spec:
  serviceName: {{ $name }}
  replicas: 1
  selector:
    matchLabels:
      {{- include "redress.selector" (list $root $server.component) | nindent 6 }}
  template:
    metadata:
      labels:
        {{- include "redress.podLabels" (list $root $server.component) | nindent 8 }}
      annotations:
        checksum/config: {{ $server.checksum | sha256sum }}
    spec:
      {{- include "redress.podBasics" (list $root (include "redress.devSecurityContext" $server.runAsUser | fromYaml)) | nindent 6 }}
      terminationGracePeriodSeconds: 30
      containers:
        {{- list $server.container | toYaml | nindent 8 }}
      volumes:
        {{- toYaml $server.volumes | nindent 8 }}
        - name: tmp
          emptyDir: {sizeLimit: 64Mi}
        {{- if not $persistence.enabled }}
        - name: data
          emptyDir: {sizeLimit: {{ $persistence.size }}}
        {{- end }}
  {{- if $persistence.enabled }}
  persistentVolumeClaimRetentionPolicy: {whenDeleted: Delete, whenScaled: Retain}
  volumeClaimTemplates:
    - metadata:
        name: data
        labels:
          {{- include "redress.selector" (list $root $server.component) | nindent 10 }}
      spec:
        accessModes: [ReadWriteOnce]
        {{- with $persistence.storageClassName }}
        storageClassName: {{ . }}
        {{- end }}
        resources: {requests: {storage: {{ $persistence.size }}}}
  {{- end }}
{{- end }}

{{- define "redress.devSecurityContext" -}}
runAsNonRoot: true
runAsUser: {{ int . }}
runAsGroup: {{ int . }}
fsGroup: {{ int . }}
fsGroupChangePolicy: OnRootMismatch
seccompProfile: {type: RuntimeDefault}
{{- end }}

{{- define "redress.devContainerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end }}

{{/* root -> env with the password of each key, upper case: intake-db-password becomes INTAKE_DB_PASSWORD. */}}
{{- define "redress.devEnv" -}}
{{- $root := first . }}
{{- range $variable, $key := index . 1 }}
- name: {{ $variable }}
  valueFrom:
    {{- include "redress.secretKeyRef" (list $root "" $key "secrets.existingSecret") | nindent 4 }}
{{- end }}
{{- end }}
