{{- define "davit.registryName" -}}
{{- printf "%s-registry" (include "davit.fullname" .) -}}
{{- end -}}

{{- /* The registry as nodes name it. */ -}}
{{- define "davit.registryPullHost" -}}
{{- $host := .Values.registry.pullHost | default .Values.registry.ingress.host -}}
{{- required "registry.pullHost is needed: the registry as the nodes name it, host[:port]; or registry.ingress.host for the chart's own" $host -}}
{{- end -}}

{{- /* The same registry as pods reach it. */ -}}
{{- define "davit.registryPushUrl" -}}
{{- $own := printf "http://%s.%s.svc:5000" (include "davit.registryName" .) .Release.Namespace -}}
{{- $other := printf "https://%s" (include "davit.registryPullHost" .) -}}
{{- .Values.registry.pushUrl | default (ternary $own $other .Values.registry.enabled) | trimSuffix "/" -}}
{{- end -}}

{{- /* An egress rule to the registry, for the hub and the image savers. */ -}}
{{- define "davit.wayToRegistry" -}}
{{- if .Values.registry.enabled -}}
- ports: [{ protocol: TCP, port: 5000 }]
  to:
    - podSelector:
        matchLabels: {{- include "davit.selector" (list . "registry") | nindent 10 }}
{{- else -}}
{{- $url := urlParse (include "davit.registryPushUrl" .) -}}
{{- $port := regexFind "[0-9]+$" (regexFind ":[0-9]+$" $url.host) -}}
- ports: [{ protocol: TCP, port: {{ $port | default (ternary 80 443 (eq $url.scheme "http")) }} }]
  to:
    {{- range .Values.networkPolicy.registryRanges }}
    - ipBlock: { cidr: {{ . | quote }} }
    {{- end }}
{{- end -}}
{{- end -}}
