import type { Reason, ReasonCode } from '@davit/contract';

/** Why a pod waits or how it ended, for people. Codes are those that front ends know already. */
function reason(code: ReasonCode, message: string, params: Reason['params'] = {}): Reason {
  return { code, message, params };
}

export function creating(): Reason {
  return reason('creating-container', 'Creating the container');
}

export function pulling(node: string): Reason {
  return reason('pulling-image', `Fetching the image onto the machine ${node}. The first time this may take minutes.`, {
    node,
  });
}

export function pullFails(node: string, message: string): Reason {
  if (/\b(401|403)\b|unauthorized|authentication required|access denied/i.test(message)) {
    return reason(
      'pulling-image',
      `The registry does not let the machine ${node} fetch the image; it tries again. An admin has to check how machines sign in to the registry.`,
      { node },
    );
  }
  // What runtimes write begins with the image's long name, again and again; the cause comes last.
  const cause = short(message.split(/"[^"]*": (?!.*"[^"]*": )/s).at(-1) ?? message);
  return reason('pulling-image', `The machine ${node} cannot fetch the image and tries again: ${cause}`, {
    node,
    message: cause,
  });
}

export function imageMissing(): Reason {
  return reason(
    'image-failed',
    'Its image is no longer in the registry. Start the server again to have the image built or fetched, or choose another one.',
  );
}

/**
 * `message` is what the scheduler writes, such as `0/3 nodes are available: 1 Insufficient cpu, 2 Insufficient
 * nvidia.com/gpu.`, `labels` are those that the pod wants a machine to have.
 */
export function unschedulable(
  message: string,
  gpus: Record<string, string>,
  labels: Record<string, string>,
  reserved: readonly string[],
): Reason {
  // Before what lacks: on the other machines there may be enough, but a person's files are written by one at a time.
  if (/didn't match pod affinity rules/.test(message)) {
    return reason(
      'creating-container',
      'Waits for room on the machine of your other servers: only one machine at a time may write your files in /data. Stop another server, or wait.',
    );
  }
  const lacking = [...message.matchAll(/Insufficient ([\w./-]*[\w-])/g)].map(([, resource]) => resource ?? '');
  const gpu = lacking.find((resource) => resource in gpus);
  if (gpu !== undefined) {
    return reason(
      'no-free-gpu',
      `Waits for a free GPU (${gpus[gpu] ?? gpu}): no machine of the cluster has enough free.`,
      {
        kind: gpus[gpu] ?? gpu,
      },
    );
  }
  if (lacking.includes('memory'))
    return reason('no-free-memory', 'Waits for free memory: no machine of the cluster has enough.');
  if (lacking.includes('cpu'))
    return reason('no-free-cpu', 'Waits for free CPU: no machine of the cluster has enough.');
  if (lacking.includes('ephemeral-storage'))
    return reason('low-disk', 'Waits for disk space: no machine of the cluster has enough free for the server.');
  return (
    noMachine(message, labels, reserved) ??
    reason('creating-container', `Waits for a machine of the cluster that may run it: ${place(message)}`)
  );
}

/**
 * No machine is one on which the pod may run at all, however much is free. `reserved`: taints that keep it off as
 * `key=value`; the scheduler itself names them only until Kubernetes 1.33.
 */
function noMachine(message: string, selector: Record<string, string>, reserved: readonly string[]): Reason | undefined {
  if (/PersistentVolume|volume/i.test(message)) return undefined;
  const labels = Object.entries(selector).map(([key, value]) => `${key}=${value}`);
  const isUnmatched = /didn't match Pod's node affinity\/selector/.test(message) && labels.length > 0;
  // Taints of the cluster itself tell that a machine is closed or not ready, which ends by itself.
  const named = [...message.matchAll(/untolerated taint \{([^:}]+): ?([^}]*)\}/g)]
    .filter(([, key = '']) => !key.startsWith('node.kubernetes.io/'))
    .map(([, key, value]) => `${key}=${value}`);
  const taints = /untolerated taint\(s\)/.test(message) ? reserved : named;
  if (!isUnmatched && taints.length === 0) return undefined;
  const [wanted, kept] = [labels.join(', '), [...new Set(taints)].join(', ')];
  if (taints.length === 0) {
    const words = `Waits for a machine with ${wanted}: none that is ready has that. Tell an admin if this stays.`;
    return reason('no-machine', words, { labels: wanted });
  }
  if (!isUnmatched) {
    const words = `Waits for a machine that is not reserved by a taint (${kept}). Tell an admin if this stays.`;
    return reason('no-machine', words, { taints: kept });
  }
  const words = `Waits for a machine with ${wanted} that is not reserved by a taint (${kept}). Tell an admin if this stays.`;
  return reason('no-machine', words, { labels: wanted, taints: kept });
}

function place(message: string): string {
  if (/PersistentVolumeClaim|volume/i.test(message))
    return 'its files in /data are not ready, or lie where none is free.';
  if (/Too many pods/i.test(message)) return 'all machines run as many servers as they can.';
  if (/affinity|selector|taint|unschedulable/i.test(message))
    return 'none that servers are allowed on is ready. An admin finds the cause with kubectl.';
  return short(message);
}

export function mounting(message: string): Reason {
  if (/Multi-Attach/.test(message)) {
    return reason(
      'creating-container',
      'Waits for its files in /data: the machine of an earlier server has not let go of them yet. It goes on by itself.',
    );
  }
  return reason('creating-container', `Waits for its files in /data: ${short(message)}`, { message: short(message) });
}

export function setupFails(message: string): Reason {
  return reason('creating-container', `The machine could not set up the container and tries again: ${short(message)}`, {
    message: short(message),
  });
}

/** `message` is the API server's: `exceeded quota: NAME, requested: cpu=1, used: cpu=4, limited: cpu=4`. */
export function quotaWaits(message: string): Reason {
  const limited = /limited: (.+)$/.exec(message)?.[1] ?? '';
  const resource = /requested: ([\w./-]+)=/.exec(message)?.[1] ?? '';
  const code: ReasonCode = /gpu/i.test(resource)
    ? 'no-free-gpu'
    : resource.endsWith('memory')
      ? 'no-free-memory'
      : resource.endsWith('cpu')
        ? 'no-free-cpu'
        : 'creating-container';
  return reason(code, `Waits: the cluster’s quota for all servers together is used up (${limited || 'full'}).`, {
    limited,
  });
}

/** Nothing is stopped, and nothing may take its place: the machine may only be cut off. */
export function nodeSilent(node: string): Reason {
  return reason(
    'engine-unreachable',
    `The machine ${node} of this server does not answer. Nothing was stopped; this ends by itself when it answers again.`,
    { node },
  );
}

export function nodeGone(node: string): Reason {
  return reason('lost', `The machine ${node} was taken out of the cluster. Start the server again; /data is kept.`, {
    node,
  });
}

/** The kubelet ended the pod to save the machine or because of the server's own limit. */
export function evicted(message: string, diskLimitMb: number): Reason {
  if (/ephemeral.*(exceeds|exceeded)|exceed.*ephemeral/i.test(message)) {
    return reason(
      'disk-limit',
      `The server was stopped: it had written more than the ${diskLimitMb} MiB that it may outside of /data. Start it again; it begins afresh, /data is kept. Keep large files in ~/work.`,
      { limitMb: diskLimitMb },
    );
  }
  const scarce = /low on resource: ([\w-]+)/.exec(message)?.[1];
  const why = scarce === undefined ? short(message) : `it was short of ${scarce}`;
  return reason('lost', `Its machine ended the server to go on itself (${why}). Start it again; /data is kept.`, {
    why,
  });
}

/** Somebody or something of the cluster ended the pod; `why` is the condition's reason. */
export function disrupted(why: string): Reason {
  const what = DISRUPTIONS[why] ?? 'The cluster ended the server.';
  return reason('lost', `${what} Start it again; /data is kept.`, { why });
}

const DISRUPTIONS: Record<string, string> = {
  PreemptionByScheduler: 'The server had to make room for a more important one.',
  DeletionByTaintManager: 'Its machine did not answer for too long.',
  EvictionByEvictionAPI: 'Its machine is being emptied for maintenance.',
  DeletionByPodGC: 'Its machine was taken out of the cluster.',
  TerminationByKubelet: 'Its machine was shut down or short of resources.',
};

export function cannotRun(message: string): Reason {
  return reason(
    'engine-refused',
    `The first program of its image cannot be run: ${short(message)} Choose another image.`,
    { message: short(message) },
  );
}

export function notTaken(why: string, message: string): Reason {
  return reason('engine-refused', `Its machine did not take the server (${why}: ${short(message)}). Start it again.`, {
    message: short(message),
  });
}

function short(message: string): string {
  const line = message.replaceAll(/\s+/g, ' ').trim();
  return line.length > 200 ? `${line.slice(0, 200)}…` : line;
}
