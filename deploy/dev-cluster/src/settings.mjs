import { createHash } from 'node:crypto';
import { homedir } from 'node:os';
import { basename, join } from 'node:path';
import { ROOT } from '../../../scripts/setup/run.mjs';

/** Name of the one node. */
export const NODE = 'dev-node';

/** The bridge that the pods hang on. It is made before the first pod, so the node's address does not depend on a network card. */
export const BRIDGE = 'davit-pods';
export const NODE_ADDRESS = '10.246.0.1';
export const POD_RANGE = '10.246.0.0/24';
export const SERVICE_RANGE = '10.247.0.0/16';
export const FIRST_SERVICE_ADDRESS = '10.247.0.1';

/** What no pod may reach listens here: an own loopback address, so that no port is taken from other programs of the machine. */
export const LOOPBACK = '127.46.0.1';

export const API_SERVER = `https://${NODE_ADDRESS}:6443`;
export const ETCD = `http://${LOOPBACK}:2379`;

/** The local OCI registry (plain http), the same name for the machine, the node and the pods. */
export const REGISTRY = `${NODE_ADDRESS}:5000`;

/** Sockets, pid files, state of containers. One for the machine, because only one cluster can have the bridge. */
export const RUN = '/run/davit-dev-cluster';
export const CONTAINERD_SOCKET = join(RUN, 'containerd.sock');

/** Everything that stays over `cluster:down`: one directory for each checkout. */
export const DATA = join(
  process.env['DAVIT_CLUSTER_DATA'] ?? '/var/lib/davit-dev-cluster',
  `${basename(ROOT)}-${createHash('sha256').update(ROOT).digest('hex').slice(0, 8)}`,
);
export const KUBECONFIG = join(DATA, 'kubeconfig');

/** Where built programs are kept. */
export const CACHE = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'davit');

/** The containers' cgroup, so that theirs are told from those of other programs. */
export const CGROUP = 'davit-dev-cluster';

/** Class of volumes, and who provides them. */
export const PROVISIONER = 'davit.local/directory';
