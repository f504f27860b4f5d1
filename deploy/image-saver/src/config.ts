import { isAbsolute } from 'node:path';
import { z } from 'zod';

/** What the saver of a node is told at its start. */
export interface Config {
  /** The node's name, as requests name it. */
  node: string;
  port: number;
  /** The certificate of the hub's signing key, PEM; read again when it changes. */
  certFile: string;
  /** Where the node's container runtime keeps layers; the same paths inside and outside. */
  stores: string[];
  /** An own directory for mount points. */
  workDir: string;
  /** How an external registry is signed in to, where requests bring no token. */
  credential: { user: string; passwordFile: string } | undefined;
}

const settings = z.object({
  DAVIT_SAVER_NODE: z.string().min(1),
  DAVIT_SAVER_PORT: z.coerce.number().int().min(1).max(65535).default(7072),
  DAVIT_SAVER_CERT_FILE: z.string().min(1),
  DAVIT_SAVER_STORES: z
    .string()
    .default('/var/lib/containerd')
    .transform((text) => text.split(',').map((path) => path.trim().replace(/\/+$/, '')))
    .refine((paths) => paths.every((path) => isAbsolute(path)), 'must be absolute paths, with commas between them'),
  DAVIT_SAVER_WORK_DIR: z.string().default('/run/davit-saver'),
  DAVIT_REGISTRY_USER: z.string().optional(),
  DAVIT_REGISTRY_PASSWORD_FILE: z.string().optional(),
});

/** Throws one error that names every setting that is wrong. */
export function loadConfig(env: NodeJS.Dict<string>): Config {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const result = settings.safeParse(given);
  if (!result.success) {
    const faults = result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
    throw new Error(`The image saver cannot start. ${faults.join('; ')}.`);
  }
  const values = result.data;
  const { DAVIT_REGISTRY_USER: user, DAVIT_REGISTRY_PASSWORD_FILE: passwordFile } = values;
  return {
    node: values.DAVIT_SAVER_NODE,
    port: values.DAVIT_SAVER_PORT,
    certFile: values.DAVIT_SAVER_CERT_FILE,
    stores: values.DAVIT_SAVER_STORES,
    workDir: values.DAVIT_SAVER_WORK_DIR,
    credential: user === undefined || passwordFile === undefined ? undefined : { user, passwordFile },
  };
}
