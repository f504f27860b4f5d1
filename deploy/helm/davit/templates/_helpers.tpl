{{- define "davit.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{- /* Names of objects: the release's, with the chart's unless it is in there. */ -}}
{{- define "davit.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- else if contains (include "davit.name" .) .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name (include "davit.name" .) | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- /* By these labels pods are selected; they never change. Call: (list $ "hub"). */ -}}
{{- define "davit.selector" -}}
app.kubernetes.io/name: {{ include "davit.name" (first .) }}
app.kubernetes.io/instance: {{ (first .).Release.Name }}
app.kubernetes.io/component: {{ last . }}
{{- end -}}

{{- define "davit.labels" -}}
{{ include "davit.selector" . }}
app.kubernetes.io/version: {{ (first .).Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ (first .).Release.Service }}
helm.sh/chart: {{ printf "%s-%s" (first .).Chart.Name (first .).Chart.Version }}
{{- end -}}

{{- /* The reference of one of the project's own images. Call: (list $ "hub"). */ -}}
{{- define "davit.image" -}}
{{- $images := (first .).Values.images -}}
{{- $image := get $images (last .) -}}
{{- if or (empty $images.host) (empty $image) -}}
{{- fail (printf "images.host and images.%s are needed. Push the images and let their names be written down: npm run images -- --all --push <registry> --values images.yaml; then install with -f images.yaml" (last .)) -}}
{{- end -}}
{{- printf "%s/%s" $images.host $image -}}
{{- end -}}

{{- define "davit.pullSecrets" -}}
{{- with .Values.images.pullSecrets }}
imagePullSecrets:
{{- range . }}
  - name: {{ . }}
{{- end }}
{{- end }}
{{- end -}}

{{- /* Nothing of root, no privilege, no new one: the "restricted" level of Pod Security. */ -}}
{{- define "davit.podSecurity" -}}
securityContext:
  runAsNonRoot: true
  runAsUser: 1000
  runAsGroup: 1000
  fsGroup: 1000
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile: { type: RuntimeDefault }
{{- end -}}

{{- define "davit.containerSecurity" -}}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: { drop: [ALL] }
{{- end -}}

{{- /* Where pods run. Call with an object that has nodeSelector and tolerations. */ -}}
{{- define "davit.placement" -}}
{{- with .nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .affinity }}
affinity: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- end -}}

{{- define "davit.publicUrl" -}}
{{- required "hub.publicUrl is needed: the address under which browsers reach the hub, such as https://davit.example.org" .Values.hub.publicUrl | trimSuffix "/" -}}
{{- end -}}

{{- define "davit.serverUrl" -}}
{{- required "hub.serverUrl is needed: the address of a server with {id} in it, on another domain, such as https://s-{id}.davit-servers.example.net" .Values.hub.serverUrl | trimSuffix "/" -}}
{{- end -}}

{{- /* host[:port] of the hub, as browsers send it. */ -}}
{{- define "davit.publicHost" -}}
{{- get (urlParse (include "davit.publicUrl" .)) "host" -}}
{{- end -}}

{{- /* The host of all servers, for an Ingress: its first label, which has the id, becomes a wildcard. */ -}}
{{- define "davit.serversHost" -}}
{{- $host := regexReplaceAll "^[a-z]+://([^/:]+).*$" (include "davit.serverUrl" .) "${1}" -}}
{{- if contains "{id}" $host -}}
{{- regexReplaceAll "^[^.]*" $host "*" -}}
{{- else -}}
{{- $host -}}
{{- end -}}
{{- end -}}

{{- define "davit.signingSecret" -}}
{{- .Values.signingKey.existingSecret | default (printf "%s-signing" (include "davit.fullname" .)) -}}
{{- end -}}

{{- define "davit.databaseSecret" -}}
{{- if .Values.postgres.enabled -}}
{{- if .Values.database.existingSecret -}}
{{- fail "Set either database.existingSecret or postgres.enabled, not both" -}}
{{- end -}}
{{- printf "%s-postgres" (include "davit.fullname" .) -}}
{{- else -}}
{{- required "A PostgreSQL is needed: database.existingSecret names a Secret with its address (postgres://user:password@host/database), or postgres.enabled=true runs one for a trial" .Values.database.existingSecret -}}
{{- end -}}
{{- end -}}

{{- define "davit.databaseKey" -}}
{{- ternary "url" .Values.database.key .Values.postgres.enabled -}}
{{- end -}}

{{- /* A map as the hub's settings take it: a=b,c=d. */ -}}
{{- define "davit.pairs" -}}
{{- $pairs := list -}}
{{- range $key, $value := . }}{{- $pairs = append $pairs (printf "%s=%s" $key (toString $value)) -}}{{- end -}}
{{- join "," $pairs -}}
{{- end -}}

{{- /* Tolerations of pods as the hub's settings take them: key=value:effect. */ -}}
{{- define "davit.tolerations" -}}
{{- $all := list -}}
{{- range . -}}
{{- $text := .key -}}
{{- if ne (.operator | default "Equal") "Exists" -}}
{{- /* Without a value the hub would take it for any. */ -}}
{{- if empty .value -}}
{{- fail (printf "servers.tolerations: that of %s has no value. Write one, or operator: Exists for any" (.key | default "all keys")) -}}
{{- end -}}
{{- $text = printf "%s=%s" $text .value -}}
{{- end -}}
{{- if .effect -}}{{- $text = printf "%s:%s" $text .effect -}}{{- end -}}
{{- $all = append $all $text -}}
{{- end -}}
{{- join "," $all -}}
{{- end -}}

{{- define "davit.serversNamespace" -}}
{{- .Values.servers.namespace | default .Release.Namespace -}}
{{- end -}}

{{- /* An egress rule to the cluster's name service, wherever it runs; that of OpenShift listens on 5353 behind its Service. */ -}}
{{- define "davit.dns" -}}
- ports:
    {{- range list 53 5353 }}
    - { protocol: UDP, port: {{ . }} }
    - { protocol: TCP, port: {{ . }} }
    {{- end }}
{{- end -}}
