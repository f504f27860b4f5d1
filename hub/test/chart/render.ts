import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { loadAllYaml } from '@kubernetes/client-node';
import type { V1Container, V1PodSpec } from '@kubernetes/client-node';

const run = promisify(execFile);
const HELM_FOLDER = join(import.meta.dirname, '..', '..', '..', 'deploy', 'helm');
export const CHART = join(HELM_FOLDER, 'davit');
/** Longer than helm takes to be built, the first time on a machine. */
const HELM_MS = 15 * 60_000;

/** What the tests look at in any object of the chart. */
export interface Rendered {
  kind: string;
  metadata: { name: string; namespace?: string; labels?: Record<string, string>; annotations?: Record<string, string> };
  rules?: { apiGroups: string[]; resources: string[]; verbs: string[] }[];
  spec?: Record<string, unknown> & { template?: { spec: V1PodSpec } };
  data?: Record<string, string>;
}

/** Runs the helm that this repository pins; what it prints. */
export async function helm(args: readonly string[], env: Record<string, string> = {}): Promise<string> {
  const options = { env: { ...process.env, ...env }, timeout: HELM_MS, maxBuffer: 64 * 1024 * 1024 };
  const { stdout } = await run(process.execPath, [join(HELM_FOLDER, 'helm.mjs'), ...args], options);
  return stdout;
}

/** The chart's objects with a file of values in `ci` and more settings (`key=value`). Rejects with helm's words. */
export async function render(values: string, ...settings: string[]): Promise<Rendered[]> {
  const sets = settings.flatMap((setting) => ['--set', setting]);
  const file = join(CHART, 'ci', `${values}.yaml`);
  const args = ['template', 'davit', CHART, '--namespace', 'davit', '--kube-version', '1.34.4', '-f', file, ...sets];
  return (loadAllYaml(await helm(args)) as (Rendered | null)[]).filter((one) => one !== null);
}

/** The only object of that kind and name. */
export function only(objects: readonly Rendered[], kind: string, name?: string): Rendered {
  const found = objects.filter((one) => one.kind === kind && (name === undefined || one.metadata.name === name));
  const [first] = found;
  if (found.length !== 1 || first === undefined) throw new Error(`there are ${found.length} of ${kind} ${name ?? ''}`);
  return first;
}

/** Every pod that the chart runs, with the name of what runs it. */
export function pods(objects: readonly Rendered[]): { name: string; spec: V1PodSpec; containers: V1Container[] }[] {
  return objects.flatMap(({ metadata, spec }) => {
    const pod = spec?.template?.spec;
    if (pod === undefined) return [];
    return [{ name: metadata.name, spec: pod, containers: [...pod.containers, ...(pod.initContainers ?? [])] }];
  });
}
