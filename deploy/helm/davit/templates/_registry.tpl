{{- /* The registry as nodes name it. */ -}}
{{- define "davit.registryPullHost" -}}
{{- required "registry.pullHost is needed: the registry as the nodes name it, host[:port]" .Values.registry.pullHost -}}
{{- end -}}

{{- /* The same registry as pods reach it. */ -}}
{{- define "davit.registryPushUrl" -}}
{{- .Values.registry.pushUrl | default (printf "https://%s" (include "davit.registryPullHost" .)) | trimSuffix "/" -}}
{{- end -}}

{{- /* An egress rule to the registry, for the hub and the image savers. */ -}}
{{- define "davit.wayToRegistry" -}}
{{- $url := urlParse (include "davit.registryPushUrl" .) -}}
{{- $port := regexFind "[0-9]+$" (regexFind ":[0-9]+$" $url.host) -}}
- ports: [{ protocol: TCP, port: {{ $port | default (ternary 80 443 (eq $url.scheme "http")) }} }]
  to:
    {{- range .Values.networkPolicy.registryRanges }}
    - ipBlock: { cidr: {{ . | quote }} }
    {{- end }}
{{- end -}}
