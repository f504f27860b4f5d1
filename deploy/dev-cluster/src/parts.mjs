import { join } from 'node:path';
import { BIN } from './binaries.mjs';
import {
  API_SERVER,
  CONTAINERD_SOCKET,
  ETCD,
  LOOPBACK,
  NODE,
  NODE_ADDRESS,
  POD_RANGE,
  PROVISIONER,
  SERVICE_RANGE,
} from './settings.mjs';

/** `configuration`: the file that it reads once. @typedef {{name: string, program: string, args: readonly string[], configuration?: string}} Part */

/**
 * The processes of the cluster, in the order in which they start; they end in the opposite one.
 * @param {string} data directory
 * @returns {{base: Part[], rest: Part[]}} `base`: what the others need an answer from
 */
export function parts(data) {
  const pki = join(data, 'pki');
  const built = (/** @type {string} */ name, /** @type {string[]} */ ...args) => ({
    name,
    program: join(BIN, name),
    args,
  });
  const installed = (/** @type {string} */ name, /** @type {string[]} */ ...args) => ({ name, program: name, args });
  return {
    base: [
      installed('etcd', ...etcd(data)),
      installed('containerd', '--config', join(data, 'containerd.toml')),
      installed('docker-registry', 'serve', join(data, 'registry.json')),
      built('kube-apiserver', ...apiServer(pki)),
    ],
    rest: [
      built('kube-controller-manager', ...controllers(pki)),
      built('kube-scheduler', ...local(pki, 'kube-scheduler'), '--leader-elect=false'),
      { ...built('kubelet', ...kubelet(data, pki)), configuration: join(data, 'kubelet.json') },
      built('kube-proxy', ...proxy(pki)),
      built('coredns', '-conf', join(data, 'Corefile')),
      built(
        'provisioner',
        `--kubeconfig=${pki}/provisioner.kubeconfig`,
        `--name=${PROVISIONER}`,
        `--root=${data}/volumes`,
        `--node=${NODE}`,
      ),
    ],
  };
}

/** Arguments of `ctr` for the cluster's own containerd. */
export const CTR = ['--address', CONTAINERD_SOCKET, '--namespace', 'k8s.io'];

/** @param {string} pki @param {string} name */
function local(pki, name) {
  return [`--kubeconfig=${pki}/${name}.kubeconfig`, `--bind-address=${LOOPBACK}`];
}

/** @param {string} data */
function etcd(data) {
  return [
    `--data-dir=${data}/etcd`,
    `--listen-client-urls=${ETCD}`,
    `--advertise-client-urls=${ETCD}`,
    `--listen-peer-urls=http://${LOOPBACK}:2380`,
    '--logger=zap',
    '--log-level=warn',
    // Each change is a revision kept for as long; a day of tests would else fill etcd's 2 GB.
    '--auto-compaction-mode=periodic',
    '--auto-compaction-retention=30m',
  ];
}

/** @param {string} pki */
function apiServer(pki) {
  return [
    `--bind-address=${NODE_ADDRESS}`,
    `--advertise-address=${NODE_ADDRESS}`,
    `--secure-port=${new URL(API_SERVER).port}`,
    `--etcd-servers=${ETCD}`,
    `--service-cluster-ip-range=${SERVICE_RANGE}`,
    `--client-ca-file=${pki}/ca.crt`,
    `--tls-cert-file=${pki}/apiserver.crt`,
    `--tls-private-key-file=${pki}/apiserver.key`,
    `--kubelet-client-certificate=${pki}/admin.crt`,
    `--kubelet-client-key=${pki}/admin.key`,
    `--kubelet-certificate-authority=${pki}/ca.crt`,
    '--kubelet-preferred-address-types=InternalIP',
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-key-file=${pki}/service-accounts.pub`,
    `--service-account-signing-key-file=${pki}/service-accounts.key`,
    '--authorization-mode=Node,RBAC',
    '--enable-admission-plugins=NodeRestriction',
    '--allow-privileged',
  ];
}

/** @param {string} pki */
function controllers(pki) {
  return [
    ...local(pki, 'kube-controller-manager'),
    '--leader-elect=false',
    '--use-service-account-credentials',
    // A machine that is silent for so long does not answer; by default it is nearly a minute.
    '--node-monitor-grace-period=20s',
    // Claims are looked at each second, not each 15.
    '--pvclaimbinder-sync-period=1s',
    `--service-account-private-key-file=${pki}/service-accounts.key`,
    `--root-ca-file=${pki}/ca.crt`,
    `--cluster-signing-cert-file=${pki}/ca.crt`,
    `--cluster-signing-key-file=${pki}/ca.key`,
  ];
}

/** @param {string} data @param {string} pki */
function kubelet(data, pki) {
  return [
    `--config=${data}/kubelet.json`,
    `--kubeconfig=${pki}/kubelet.kubeconfig`,
    `--root-dir=${data}/kubelet`,
    `--hostname-override=${NODE}`,
    `--node-ip=${NODE_ADDRESS}`,
  ];
}

/** @param {string} pki */
function proxy(pki) {
  return [
    `--kubeconfig=${pki}/kube-proxy.kubeconfig`,
    `--hostname-override=${NODE}`,
    '--proxy-mode=iptables',
    `--cluster-cidr=${POD_RANGE}`,
    // Settings of the whole machine stay as they are: the size and time-outs of conntrack, and routing of 127.0.0.1.
    '--conntrack-max-per-core=0',
    '--conntrack-tcp-timeout-established=0',
    '--conntrack-tcp-timeout-close-wait=0',
    '--iptables-localhost-nodeports=false',
    `--nodeport-addresses=${NODE_ADDRESS}/32`,
    `--healthz-bind-address=${LOOPBACK}:10256`,
    `--metrics-bind-address=${LOOPBACK}:10249`,
  ];
}
