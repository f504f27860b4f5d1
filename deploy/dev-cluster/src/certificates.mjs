import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ENVIRONMENT } from './processes.mjs';
import { API_SERVER, FIRST_SERVICE_ADDRESS, NODE, NODE_ADDRESS } from './settings.mjs';

const DAYS = '3650';
const SERVICE_NAMES = [
  'kubernetes',
  'kubernetes.default',
  'kubernetes.default.svc',
  'kubernetes.default.svc.cluster.local',
];

/** Who has a certificate: its subject, whose organisation is the group of RBAC, and the names it serves. */
const SUBJECTS = {
  apiserver: {
    subject: '/CN=kube-apiserver',
    names: [...SERVICE_NAMES.map((name) => `DNS:${name}`), `IP:${NODE_ADDRESS}`, `IP:${FIRST_SERVICE_ADDRESS}`],
  },
  admin: { subject: '/O=system:masters/CN=admin', names: [] },
  'kube-controller-manager': { subject: '/CN=system:kube-controller-manager', names: [] },
  'kube-scheduler': { subject: '/CN=system:kube-scheduler', names: [] },
  'kube-proxy': { subject: '/CN=system:kube-proxy', names: [] },
  kubelet: { subject: `/O=system:nodes/CN=system:node:${NODE}`, names: [`DNS:${NODE}`, `IP:${NODE_ADDRESS}`] },
  coredns: { subject: '/CN=davit:coredns', names: [] },
  provisioner: { subject: '/CN=davit:provisioner', names: [] },
};

/** Makes the cluster's authority, all certificates and kubeconfigs, once. @param {string} data directory */
export function ensureCertificates(data) {
  const pki = join(data, 'pki');
  // The last file made says that all are there.
  const done = join(pki, 'done');
  if (existsSync(done)) return;
  rmSync(pki, { recursive: true, force: true });
  mkdirSync(pki, { recursive: true, mode: 0o700 });
  const openssl = (/** @type {string[]} */ ...args) =>
    execFileSync('openssl', args, { cwd: pki, env: ENVIRONMENT, stdio: ['ignore', 'ignore', 'pipe'] });
  // Debian's own configuration would make each certificate one of an authority.
  writeFileSync(join(pki, 'openssl.conf'), '[req]\ndistinguished_name = names\n[names]\n');
  const request = (
    /** @type {string} */ name,
    /** @type {string} */ subject,
    /** @type {string[]} */ ...extensions
  ) => {
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', `${name}.key`];
    const signer = name === 'ca' ? [] : ['-CA', 'ca.crt', '-CAkey', 'ca.key'];
    const added = extensions.flatMap((extension) => ['-addext', extension]);
    const output = ['-subj', subject, '-days', DAYS, '-out', `${name}.crt`];
    openssl('req', '-x509', '-config', 'openssl.conf', ...key, ...signer, ...added, ...output);
  };

  openssl('ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', 'service-accounts.key');
  openssl('ec', '-in', 'service-accounts.key', '-pubout', '-out', 'service-accounts.pub');
  request('ca', '/CN=davit-dev-cluster', 'basicConstraints=critical,CA:TRUE');
  for (const [name, { subject, names }] of Object.entries(SUBJECTS)) {
    const served = names.length === 0 ? [] : [`subjectAltName=${names.join(',')}`];
    request(name, subject, 'extendedKeyUsage=clientAuth,serverAuth', ...served);
    if (name === 'apiserver') continue;
    const file = name === 'admin' ? join(data, 'kubeconfig') : join(pki, `${name}.kubeconfig`);
    writeFileSync(file, kubeconfig(pki, name), { mode: 0o600 });
  }
  writeFileSync(done, '');
}

/** A kubeconfig that holds its certificates, so it works from anywhere. @param {string} pki @param {string} name */
function kubeconfig(pki, name) {
  const content = (/** @type {string} */ file) => readFileSync(join(pki, file)).toString('base64');
  const cluster = { server: API_SERVER, 'certificate-authority-data': content('ca.crt') };
  const user = { 'client-certificate-data': content(`${name}.crt`), 'client-key-data': content(`${name}.key`) };
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'davit-dev', cluster }],
    users: [{ name, user }],
    contexts: [{ name: 'davit-dev', context: { cluster: 'davit-dev', user: name } }],
    'current-context': 'davit-dev',
  };
  return JSON.stringify(config, undefined, 2);
}
