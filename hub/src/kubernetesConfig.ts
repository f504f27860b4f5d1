import { isIP } from 'node:net';
import type { Placement } from '@davit/contract';
import { z } from 'zod';
import type { ClusterSettings } from './drivers/spawner/kubernetes/index.ts';
// Not from the index: that loads the client of the cluster.
import { placementOf } from './drivers/spawner/kubernetes/settings.ts';

/** What the hub is told of the cluster at boot. */
export interface KubernetesConfig {
  cluster: ClusterSettings;
  /** What of it says where and how servers run, which groups add to. */
  placement: Placement;
  /** Address of this machine on which code inside servers calls the hub. */
  apiHost: string;
  /** Key pair, as PEM files, by which the registry and the image savers know the hub. */
  signing: { keyFile: string; certFile: string } | undefined;
  /** Where the image savers run; undefined: there are none, and servers cannot be saved. */
  saver: { namespace: string; labels: Record<string, string>; port: number } | undefined;
  registry: {
    /** Registry as nodes name it: `host[:port]`, the beginning of each image's reference. */
    pullHost: string;
    /** The same registry as the hub reaches it. */
    pushUrl: URL;
    /** `token`: the registry asks this hub who may do what; `service` is the registry's own name. `password`: the hub has an account there. */
    auth:
      { kind: 'none' } | { kind: 'token'; service: string } | { kind: 'password'; user: string; passwordFile: string };
  };
}

const name = z.string().regex(/^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/, 'must be a name as Kubernetes takes it');

/** `a=b,c=d`; a text that is not so is a fault. */
const pairs = z
  .string()
  .default('')
  .transform((text, context) => {
    const entries = split(text).map((entry) => entry.split('='));
    for (const entry of entries) {
      if (entry.length !== 2 || entry[0] === '') context.addIssue(`"${entry.join('=')}" must be name=value`);
    }
    return Object.fromEntries(entries.map(([key = '', value = '']) => [key, value]));
  });

const ranges = z
  .string()
  .default('')
  .transform((text, context) => {
    const all = split(text);
    for (const range of all) {
      const [address = '', bits = ''] = range.split('/');
      if (isIP(address) === 0 || !/^\d{1,3}$/.test(bits))
        context.addIssue(`"${range}" must be a range such as 10.0.0.0/8`);
    }
    return all;
  });

const effects = z.enum(['NoSchedule', 'NoExecute']).optional();

/** `key`, `key=value`, `key:effect` or `key=value:effect`. */
const tolerations = z
  .string()
  .default('')
  .transform((text, context) =>
    split(text).map((entry) => {
      const [, key = '', value, effect] = /^([^=:]+)(?:=([^:]*))?(?::(NoSchedule|NoExecute))?$/.exec(entry) ?? [];
      const taken = effects.safeParse(effect).data;
      if (key === '') context.addIssue(`"${entry}" must be key=value:NoSchedule, the last two may be left out`);
      return { key, ...(value === undefined ? {} : { value }), ...(taken === undefined ? {} : { effect: taken }) };
    }),
  );

/** The settings of a cluster; they count only with DAVIT_ENGINE=kubernetes. */
export const kubernetesSettings = {
  DAVIT_KUBE_NAMESPACE: name.default('davit'),
  DAVIT_KUBE_STORAGE_CLASS: name.optional(),
  DAVIT_KUBE_SHARED_STORAGE_CLASS: name.optional(),
  DAVIT_KUBE_ACCESS_MODE: z.enum(['ReadWriteMany', 'ReadWriteOnce']).default('ReadWriteMany'),
  DAVIT_KUBE_VOLUME_SIZE: z
    .string()
    .regex(/^[1-9]\d*(Mi|Gi|Ti)$/, 'must be a size such as 100Gi')
    .default('100Gi'),
  DAVIT_KUBE_GPUS: pairs.prefault('nvidia.com/gpu=NVIDIA'),
  DAVIT_KUBE_FLOATING: z.stringbool().default(false),
  DAVIT_KUBE_NODE_SELECTOR: pairs,
  DAVIT_KUBE_TOLERATIONS: tolerations,
  DAVIT_KUBE_PRIORITY_CLASS: name.optional(),
  DAVIT_KUBE_RUNTIME_CLASS: name.optional(),
  DAVIT_KUBE_PULL_SECRETS: z.string().default('').transform(split),
  DAVIT_KUBE_SERVICE_ACCOUNT: name.default('default'),
  DAVIT_KUBE_USER_NAMESPACES: z.enum(['auto', 'on', 'off']).default('auto'),
  DAVIT_KUBE_API_URL: z.url({ protocol: /^http$/, message: 'must be an http address' }).optional(),
  DAVIT_KUBE_API_HOST: z.string().min(1).default('0.0.0.0'),
  DAVIT_KUBE_HUB_LABELS: pairs,
  DAVIT_KUBE_HUB_RANGES: ranges,
  DAVIT_KUBE_ALLOWED_RANGES: ranges,
  DAVIT_KUBE_SAVER_NAMESPACE: name.optional(),
  DAVIT_KUBE_SAVER_LABELS: pairs,
  DAVIT_KUBE_SAVER_PORT: z.coerce.number().int().min(1).max(65535).default(7072),
  DAVIT_SIGNING_KEY_FILE: z.string().optional(),
  DAVIT_SIGNING_CERT_FILE: z.string().optional(),
  DAVIT_REGISTRY_PULL_HOST: z
    .string()
    .regex(/^[a-z0-9.-]+(:\d+)?$/, 'must be host or host:port')
    .optional(),
  DAVIT_REGISTRY_PUSH_URL: z.url({ protocol: /^https?$/, message: 'must be an http or https address' }).optional(),
  DAVIT_REGISTRY_AUTH: z.enum(['none', 'token', 'password'], 'must be none, token or password').default('none'),
  DAVIT_REGISTRY_SERVICE: name.default('davit-registry'),
  DAVIT_REGISTRY_USER: z.string().min(1).optional(),
  DAVIT_REGISTRY_PASSWORD_FILE: z.string().min(1).optional(),
};

type Values = z.output<z.ZodObject<typeof kubernetesSettings>>;

/** What does not fit together. */
export function kubernetesProblems(values: Values): string[] {
  const hub = [...Object.keys(values.DAVIT_KUBE_HUB_LABELS), ...values.DAVIT_KUBE_HUB_RANGES];
  return [
    ...(values.DAVIT_REGISTRY_PULL_HOST === undefined
      ? ['DAVIT_REGISTRY_PULL_HOST is needed on a cluster: nodes fetch the images of servers from there']
      : []),
    ...(hub.length === 0
      ? ['DAVIT_KUBE_HUB_LABELS or DAVIT_KUBE_HUB_RANGES is needed: who else would be let through to the servers']
      : []),
    ...((values.DAVIT_SIGNING_KEY_FILE === undefined) !== (values.DAVIT_SIGNING_CERT_FILE === undefined)
      ? ['DAVIT_SIGNING_KEY_FILE and DAVIT_SIGNING_CERT_FILE go together']
      : []),
    ...(hasSavers(values) && values.DAVIT_SIGNING_KEY_FILE === undefined
      ? ['DAVIT_KUBE_SAVER_LABELS needs DAVIT_SIGNING_KEY_FILE: image savers do only what the hub signs']
      : []),
    ...registryProblems(values),
  ];
}

function hasSavers(values: Values): boolean {
  return Object.keys(values.DAVIT_KUBE_SAVER_LABELS).length > 0;
}

function saverOf(values: Values): KubernetesConfig['saver'] {
  if (!hasSavers(values)) return undefined;
  const namespace = values.DAVIT_KUBE_SAVER_NAMESPACE ?? values.DAVIT_KUBE_NAMESPACE;
  return { namespace, labels: values.DAVIT_KUBE_SAVER_LABELS, port: values.DAVIT_KUBE_SAVER_PORT };
}

function registryProblems(values: Values): string[] {
  const { DAVIT_REGISTRY_AUTH: auth, DAVIT_REGISTRY_USER: user, DAVIT_REGISTRY_PASSWORD_FILE: file } = values;
  if (auth === 'token' && values.DAVIT_SIGNING_KEY_FILE === undefined)
    return ['DAVIT_REGISTRY_AUTH=token needs DAVIT_SIGNING_KEY_FILE and DAVIT_SIGNING_CERT_FILE'];
  if (auth === 'password' && (user === undefined || file === undefined))
    return ['DAVIT_REGISTRY_AUTH=password needs DAVIT_REGISTRY_USER and DAVIT_REGISTRY_PASSWORD_FILE'];
  if (auth !== 'password' && (user !== undefined || file !== undefined))
    return ['DAVIT_REGISTRY_USER and DAVIT_REGISTRY_PASSWORD_FILE count with DAVIT_REGISTRY_AUTH=password only'];
  return [];
}

function registryAuth(values: Values): KubernetesConfig['registry']['auth'] {
  const { DAVIT_REGISTRY_USER: user = '', DAVIT_REGISTRY_PASSWORD_FILE: passwordFile = '' } = values;
  switch (values.DAVIT_REGISTRY_AUTH) {
    case 'none':
      return { kind: 'none' };
    case 'token':
      return { kind: 'token', service: values.DAVIT_REGISTRY_SERVICE };
    case 'password':
      return { kind: 'password', user, passwordFile };
  }
}

/** Call only where kubernetesProblems() has none. */
export function toKubernetesConfig(values: Values): KubernetesConfig {
  const pullHost = values.DAVIT_REGISTRY_PULL_HOST ?? '';
  const { DAVIT_SIGNING_KEY_FILE: keyFile, DAVIT_SIGNING_CERT_FILE: certFile } = values;
  const cluster: ClusterSettings = {
    namespace: values.DAVIT_KUBE_NAMESPACE,
    storage: {
      className: values.DAVIT_KUBE_STORAGE_CLASS,
      sharedClassName: values.DAVIT_KUBE_SHARED_STORAGE_CLASS,
      accessMode: values.DAVIT_KUBE_ACCESS_MODE,
      size: values.DAVIT_KUBE_VOLUME_SIZE,
    },
    gpus: values.DAVIT_KUBE_GPUS,
    floating: values.DAVIT_KUBE_FLOATING,
    nodeSelector: values.DAVIT_KUBE_NODE_SELECTOR,
    tolerations: values.DAVIT_KUBE_TOLERATIONS,
    priorityClassName: values.DAVIT_KUBE_PRIORITY_CLASS,
    runtimeClassName: values.DAVIT_KUBE_RUNTIME_CLASS,
    imagePullSecrets: values.DAVIT_KUBE_PULL_SECRETS,
    serviceAccountName: values.DAVIT_KUBE_SERVICE_ACCOUNT,
    userNamespaces: values.DAVIT_KUBE_USER_NAMESPACES,
    apiUrl: values.DAVIT_KUBE_API_URL,
    network: {
      hubLabels: values.DAVIT_KUBE_HUB_LABELS,
      hubRanges: values.DAVIT_KUBE_HUB_RANGES,
      allowedRanges: values.DAVIT_KUBE_ALLOWED_RANGES,
    },
  };
  return {
    cluster,
    placement: placementOf(cluster),
    apiHost: values.DAVIT_KUBE_API_HOST,
    saver: saverOf(values),
    signing: keyFile === undefined || certFile === undefined ? undefined : { keyFile, certFile },
    registry: {
      pullHost,
      pushUrl: new URL(values.DAVIT_REGISTRY_PUSH_URL ?? `https://${pullHost}`),
      auth: registryAuth(values),
    },
  };
}

function split(text: string): string[] {
  return text.split(',').flatMap((part) => (part.trim() === '' ? [] : [part.trim()]));
}
