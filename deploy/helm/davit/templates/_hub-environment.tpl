{{- /* The hub's settings (hub/src/config.ts, hub/src/kubernetesConfig.ts). What is empty is left out: the hub has its defaults. */ -}}
{{- define "davit.hubEnvironment" -}}
{{- $name := printf "%s-hub" (include "davit.fullname" .) -}}
{{- $servers := .Values.servers -}}
{{- $settings := dict
  "DAVIT_PUBLIC_URL" (include "davit.publicUrl" .)
  "DAVIT_SERVER_URL" (include "davit.serverUrl" .)
  "DAVIT_INSECURE_HTTP" (ternary "1" "" .Values.hub.insecureHttp)
  "DAVIT_TRUSTED_PROXIES" (join "," .Values.hub.trustedProxies)
  "DAVIT_ADMIN_NAME" .Values.hub.admin.name
  "DAVIT_ADMIN_PASSWORD_FILE" (ternary "/run/davit-secrets/admin-password" "" (ne .Values.hub.admin.name ""))
  "DATABASE_URL_FILE" "/run/davit-secrets/database-url"
  "DAVIT_SIGNING_KEY_FILE" "/run/davit-secrets/signing.key"
  "DAVIT_SIGNING_CERT_FILE" "/run/davit-secrets/signing.crt"
  "DAVIT_DRAIN_SECONDS" (.Values.hub.drainSeconds | int64 | toString)
  "DAVIT_LOG_LEVEL" .Values.hub.logLevel
  "DAVIT_CPU_OVERCOMMIT" (toString .Values.hub.cpuOvercommit)
  "DAVIT_DISK_LIMIT_MB" (.Values.hub.diskLimitMb | int64 | toString)
  "DAVIT_UPLOAD_LIMIT_MB" (.Values.hub.uploadLimitMb | int64 | toString)
  "DAVIT_KUBE_NAMESPACE" (include "davit.serversNamespace" .)
  "DAVIT_KUBE_API_URL" (printf "http://%s-inside.%s.svc:7071" $name .Release.Namespace)
  "DAVIT_KUBE_HUB_LABELS" (include "davit.pairs" (include "davit.selector" (list . "hub") | fromYaml))
  "DAVIT_KUBE_STORAGE_CLASS" $servers.storage.className
  "DAVIT_KUBE_SHARED_STORAGE_CLASS" $servers.storage.sharedClassName
  "DAVIT_KUBE_ACCESS_MODE" $servers.storage.accessMode
  "DAVIT_KUBE_VOLUME_SIZE" $servers.storage.size
  "DAVIT_KUBE_GPUS" (include "davit.pairs" $servers.gpus)
  "DAVIT_KUBE_FLOATING" (ternary "1" "" $servers.floating)
  "DAVIT_KUBE_NODE_SELECTOR" (include "davit.pairs" $servers.nodeSelector)
  "DAVIT_KUBE_TOLERATIONS" (include "davit.tolerations" $servers.tolerations)
  "DAVIT_KUBE_PRIORITY_CLASS" $servers.priorityClassName
  "DAVIT_KUBE_RUNTIME_CLASS" $servers.runtimeClassName
  "DAVIT_KUBE_PULL_SECRETS" (join "," $servers.pullSecrets)
  "DAVIT_KUBE_SERVICE_ACCOUNT" $servers.serviceAccount
  "DAVIT_KUBE_USER_NAMESPACES" (get (dict "true" "on" "false" "off") (toString $servers.userNamespaces) | default $servers.userNamespaces)
  "DAVIT_KUBE_ALLOWED_RANGES" (join "," $servers.allowedRanges)
  "DAVIT_KUBE_SAVER_NAMESPACE" (ternary .Release.Namespace "" .Values.imageSaver.enabled)
  "DAVIT_KUBE_SAVER_LABELS" (ternary (include "davit.pairs" (include "davit.selector" (list . "image-saver") | fromYaml)) "" .Values.imageSaver.enabled)
  "DAVIT_REGISTRY_PULL_HOST" (include "davit.registryPullHost" .)
  "DAVIT_REGISTRY_PUSH_URL" (include "davit.registryPushUrl" .)
  "DAVIT_REGISTRY_AUTH" (ternary "token" (ternary "password" "" (ne .Values.registry.user "")) .Values.registry.enabled)
  "DAVIT_REGISTRY_SERVICE" (ternary "davit-registry" "" .Values.registry.enabled)
  "DAVIT_REGISTRY_USER" .Values.registry.user
  "DAVIT_REGISTRY_PASSWORD_FILE" (ternary "/run/davit-secrets/registry-password" "" (ne .Values.registry.user ""))
-}}
{{- range $key, $value := merge (deepCopy .Values.hub.env) $settings }}
{{- if ne (toString $value) "" }}
- { name: {{ $key }}, value: {{ toString $value | quote }} }
{{- end }}
{{- end }}
{{- end -}}
