import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { CNI_PLUGINS } from './machine.mjs';
import { PAUSE_IMAGE } from './images.mjs';
import { BRIDGE, CGROUP, CONTAINERD_SOCKET, LOOPBACK, NODE_ADDRESS, POD_RANGE, REGISTRY, RUN } from './settings.mjs';

/** How many processes a pod may have. */
const POD_PIDS = 4096;

/** Writes the configuration of all parts. @param {string} data directory */
export function writeConfiguration(data) {
  const files = {
    'containerd.toml': containerd(data),
    'cni/10-pods.conflist': json(podNetwork(data)),
    // With the server too: after a 404 containerd asks it, by default over https, and would tell that failure instead.
    [`registry.d/${REGISTRY}/hosts.toml`]: `server = "http://${REGISTRY}"\n\n[host."http://${REGISTRY}"]\n  capabilities = ["pull", "resolve", "push"]\n`,
    'registry.json': json(registry(data)),
    'kubelet.json': json(kubelet(data)),
    Corefile: corefile(data),
  };
  for (const [name, content] of Object.entries(files)) {
    const file = join(data, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  }
  for (const name of ['logs', 'volumes', 'pod-logs']) mkdirSync(join(data, name), { recursive: true });
  mkdirSync(join(data, 'etcd'), { recursive: true, mode: 0o700 });
}

/** @param {unknown} value */
function json(value) {
  return JSON.stringify(value, undefined, 2);
}

/** @param {string} data */
function containerd(data) {
  const cri = 'plugins."io.containerd.grpc.v1.cri"';
  return `version = 2
root = "${data}/containerd"
state = "${RUN}/containerd"
disabled_plugins = ["io.containerd.internal.v1.opt"]

[grpc]
  address = "${CONTAINERD_SOCKET}"

[${cri}]
  sandbox_image = "${PAUSE_IMAGE}"
  # Where the machine may not lower an oom_score_adj (no CAP_SYS_RESOURCE) no sandbox starts without this.
  restrict_oom_score_adj = true
  disable_apparmor = true
  stream_server_address = "${LOOPBACK}"
  [${cri}.containerd]
    snapshotter = "overlayfs"
    default_runtime_name = "runc"
    [${cri}.containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
      [${cri}.containerd.runtimes.runc.options]
        SystemdCgroup = false
  [${cri}.cni]
    bin_dir = "${CNI_PLUGINS}"
    conf_dir = "${data}/cni"
  [${cri}.registry]
    config_path = "${data}/registry.d"
`;
}

/** @param {string} data */
function podNetwork(data) {
  const ipam = {
    type: 'host-local',
    dataDir: `${data}/addresses`,
    ranges: [[{ subnet: POD_RANGE, gateway: NODE_ADDRESS }]],
  };
  // No portmap: its chains are shared with Podman's. No ipMasq: our own chain does it for all pods.
  const bridge = { type: 'bridge', bridge: BRIDGE, isGateway: true, isDefaultGateway: true, hairpinMode: true, ipam };
  return { cniVersion: '0.4.0', name: BRIDGE, plugins: [bridge] };
}

/** @param {string} data */
function registry(data) {
  return {
    version: 0.1,
    log: { level: 'warn', accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: `${data}/registry` }, delete: { enabled: true } },
    http: { addr: REGISTRY },
  };
}

/** @param {string} data */
function kubelet(data) {
  return {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    address: NODE_ADDRESS,
    healthzBindAddress: LOOPBACK,
    containerRuntimeEndpoint: `unix://${CONTAINERD_SOCKET}`,
    cgroupDriver: 'cgroupfs',
    cgroupRoot: `/${CGROUP}`,
    failCgroupV1: false,
    failSwapOn: false,
    oomScoreAdj: 0,
    maxOpenFiles: openFiles(),
    // Secrets and config maps in running pods follow in seconds instead of a minute.
    syncFrequency: '10s',
    // The lease is renewed four times while it lasts; when it was not, the controllers' grace ends soon.
    nodeLeaseDurationSeconds: 16,
    // As many processes as a server's container may have on one machine. A pod cannot say that of itself.
    podPidsLimit: POD_PIDS,
    makeIPTablesUtilChains: false,
    podLogsDir: `${data}/pod-logs`,
    volumePluginDir: `${data}/volume-plugins`,
    resolvConf: '',
    clusterDNS: [NODE_ADDRESS],
    clusterDomain: 'cluster.local',
    serializeImagePulls: false,
    // A developer's disk is often nearly full; nothing is evicted or deleted for that.
    imageGCHighThresholdPercent: 100,
    evictionHard: Object.fromEntries(
      ['memory.available', 'nodefs.available', 'nodefs.inodesFree', 'imagefs.available', 'imagefs.inodesFree'].map(
        (name) => [name, '0%'],
      ),
    ),
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: `${data}/pki/ca.crt` },
    },
    authorization: { mode: 'Webhook' },
    tlsCertFile: `${data}/pki/kubelet.crt`,
    tlsPrivateKeyFile: `${data}/pki/kubelet.key`,
  };
}

/** The hard limit of open files that this process, and so the kubelet, has. */
function openFiles() {
  const limit = /^Max open files\s+\S+\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1];
  return Math.min(Number(limit ?? 20_000), 1_000_000);
}

/** @param {string} data */
function corefile(data) {
  const resolver = '/etc/resolv.conf';
  const hasUpstream = existsSync(resolver) && /^nameserver /m.test(readFileSync(resolver, 'utf8'));
  return `.:53 {
  bind ${NODE_ADDRESS}
  errors
  cache 5
  kubernetes cluster.local {
    kubeconfig ${data}/pki/coredns.kubeconfig
  }
${hasUpstream ? `  forward . ${resolver}\n` : ''}}
`;
}
