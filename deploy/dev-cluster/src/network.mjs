import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { SetupError } from '../../../scripts/setup/run.mjs';
import { ENVIRONMENT } from './processes.mjs';
import { BRIDGE, NODE_ADDRESS, POD_RANGE, SERVICE_RANGE } from './settings.mjs';

/** Name of our own chain in the tables `filter` and `nat`. */
const CHAIN = 'DAVIT-PODS';
/** From which of the kernel's chains ours is called, in each table. */
const HOOKS = { filter: 'FORWARD', nat: 'POSTROUTING' };

/** @param {string} program @param {readonly string[]} args */
function run(program, args) {
  return execFileSync(program, args, { env: ENVIRONMENT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

/** @param {string} program @param {readonly string[]} args */
function succeeds(program, args) {
  try {
    run(program, args);
    return true;
  } catch {
    return false;
  }
}

/** Refuses when the ranges are taken, or when another Kubernetes has its rules on this machine. Only for a cluster that is down. */
export function refuseTakenNetwork() {
  const prefixes = [POD_RANGE, SERVICE_RANGE].map((range) => range.split('.').slice(0, 2).join('.') + '.');
  const routes = JSON.parse(run('ip', ['-json', 'route', 'show']));
  const taken = routes.find((/** @type {{dst: string, dev: string}} */ { dst, dev }) => {
    return dev !== BRIDGE && prefixes.some((prefix) => dst.startsWith(prefix));
  });
  if (taken !== undefined) {
    throw new SetupError(`The cluster's addresses ${taken.dst} are taken by ${taken.dev} on this machine.`);
  }
  if (succeeds('iptables', ['-w', '-t', 'nat', '-n', '-L', 'KUBE-SERVICES'])) {
    throw new SetupError(
      'Another Kubernetes has its network rules on this machine. Use it by setting KUBECONFIG, or stop it and remove its rules.',
    );
  }
}

/** Makes the bridge, forwarding, and the rules that let pods out. Idempotent. */
export function raiseNetwork() {
  setKernel('net/ipv4/ip_forward', 1);
  // The kubelet and each container watch files; Debian's 128 are soon used up.
  setKernel('fs/inotify/max_user_instances', 1024);
  if (!existsSync(`/sys/class/net/${BRIDGE}`)) run('ip', ['link', 'add', BRIDGE, 'type', 'bridge']);
  run('ip', ['address', 'replace', `${NODE_ADDRESS}/24`, 'dev', BRIDGE]);
  run('ip', ['link', 'set', BRIDGE, 'up']);
  // Pods on one bridge reach a Service only when their frames pass iptables. Set for this bridge alone: the setting for the
  // whole machine would send other programs' bridges through it too.
  succeeds('modprobe', ['br_netfilter']);
  writeFileSync(`/sys/class/net/${BRIDGE}/bridge/nf_call_iptables`, '1');
  chain('filter', [
    ['-i', BRIDGE, '-j', 'ACCEPT'],
    ['-o', BRIDGE, '-j', 'ACCEPT'],
  ]);
  chain('nat', [['-s', POD_RANGE, '!', '-o', BRIDGE, '-j', 'MASQUERADE']]);
}

/** Removes the bridge, our chains and kube-proxy's. */
export function lowerNetwork() {
  for (const family of ['iptables', 'ip6tables']) removeServiceRules(family);
  for (const [table, hook] of Object.entries(HOOKS)) {
    while (succeeds('iptables', ['-w', '-t', table, '-D', hook, '-j', CHAIN]));
    if (succeeds('iptables', ['-w', '-t', table, '-F', CHAIN])) run('iptables', ['-w', '-t', table, '-X', CHAIN]);
  }
  succeeds('ip', ['link', 'delete', BRIDGE]);
}

/**
 * Removes the chains of kube-proxy and the kubelet and the rules that lead to them. Not by `kube-proxy --cleanup`: after a
 * change of version the program that made them is not the one at hand.
 * @param {string} family
 */
function removeServiceRules(family) {
  for (const table of ['mangle', 'nat', 'filter']) {
    const rules = run(family, ['-w', '-t', table, '-S']).split('\n');
    const chains = rules.filter((rule) => rule.startsWith('-N KUBE-')).map((rule) => rule.slice(3));
    if (chains.length === 0) continue;
    const jumps = rules.filter((rule) => /^-A (?!KUBE-).* -j KUBE-/.test(rule)).map((rule) => rule.replace('-A', '-D'));
    const flushed = chains.map((name) => `-F ${name}`);
    const removed = chains.map((name) => `-X ${name}`);
    const input = [`*${table}`, ...jumps, ...flushed, ...removed, 'COMMIT', ''].join('\n');
    execFileSync(`${family}-restore`, ['-w', '--noflush'], {
      env: ENVIRONMENT,
      input,
      stdio: ['pipe', 'ignore', 'pipe'],
    });
  }
}

/** @param {'filter' | 'nat'} table @param {readonly string[][]} rules */
function chain(table, rules) {
  const hook = HOOKS[table];
  const iptables = (/** @type {string[]} */ ...args) => ['-w', '-t', table, ...args];
  if (!succeeds('iptables', iptables('-N', CHAIN))) run('iptables', iptables('-F', CHAIN));
  for (const rule of rules) run('iptables', iptables('-A', CHAIN, ...rule));
  if (!succeeds('iptables', iptables('-C', hook, '-j', CHAIN))) run('iptables', iptables('-A', hook, '-j', CHAIN));
}

/** Raises a number of the kernel, never lowers it. @param {string} name @param {number} least */
function setKernel(name, least) {
  const file = `/proc/sys/${name}`;
  if (Number(readFileSync(file, 'utf8')) < least) writeFileSync(file, String(least));
}
