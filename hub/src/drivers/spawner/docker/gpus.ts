import { execFile } from 'node:child_process';
import type { ContainerCreateOptions } from 'dockerode';
import { SpawnRefused, type Gpu } from '../../../domains/servers/spawner.ts';

/** A real card: `id` is its UUID, which survives a restart of the machine; `index` names it to Podman. */
export interface DetectedGpu extends Gpu {
  index: number;
}

/** Runs a program and gives its standard output; undefined when the program does not exist. */
export type RunProgram = (command: string, args: string[]) => Promise<string | undefined>;

/** The machine's NVIDIA cards; none where the driver's tool is not installed. */
export async function detectGpus(run: RunProgram = runProgram): Promise<DetectedGpu[]> {
  const output = await run('nvidia-smi', ['--query-gpu=index,uuid,name', '--format=csv,noheader']);
  return (output ?? '').split('\n').flatMap((line) => {
    const match = /^(\d+), (GPU-[^,]+), (.+)$/.exec(line.trim());
    if (match === null) return [];
    const [, index, id = '', kind = ''] = match;
    return [{ id, kind, declared: false, index: Number(index) }];
  });
}

/** The real cards among `ids`; declared ones attach nothing. Refuses a card that is not there. */
export function cardsToAttach(
  ids: readonly string[],
  detected: readonly DetectedGpu[],
  declared: readonly Gpu[],
): DetectedGpu[] {
  return ids.flatMap((id) => {
    if (declared.some((gpu) => gpu.id === id)) return [];
    const card = detected.find((gpu) => gpu.id === id);
    if (card === undefined)
      throw new SpawnRefused(`The GPU ${id} is no longer in this machine. Start the server again.`);
    return [card];
  });
}

/** Docker attaches cards by UUID. */
export function withDeviceRequests(
  spec: ContainerCreateOptions,
  cards: readonly DetectedGpu[],
): ContainerCreateOptions {
  if (cards.length === 0) return spec;
  const request = { Driver: 'nvidia', DeviceIDs: cards.map((card) => card.id), Capabilities: [['gpu']] };
  return { ...spec, HostConfig: { ...spec.HostConfig, DeviceRequests: [request] } };
}

/** Podman attaches cards by the names that `nvidia-ctk cdi generate` gives them. */
export function cdiNames(cards: readonly DetectedGpu[]): string[] {
  return cards.map((card) => `nvidia.com/gpu=${card.index}`);
}

function runProgram(command: string, args: string[]): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    execFile(command, args, { timeout: 10_000 }, (error, stdout) => {
      if (error === null) resolve(stdout);
      else if (error.code === 'ENOENT') resolve(undefined);
      else reject(new Error(`${command} failed: ${error.message}`, { cause: error }));
    });
  });
}
