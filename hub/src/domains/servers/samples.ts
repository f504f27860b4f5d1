import type { Sample } from '@davit/contract';
import type { AgentStatus } from './agentClient.ts';

/** What is kept of one container: ten minutes at the pace of somebody who looks, and never more than so many. */
const KEEP_MS = 10 * 60_000;
const KEEP_COUNT = 150;

/** Measurements of one container during the last minutes, from what its agent told. */
export class Samples {
  #samples: Sample[] = [];
  #last: { at: number; cpuUs: number | null } | undefined;

  /** Takes in what the agent answered at `at`. */
  add(status: AgentStatus, at: Date): void {
    const now = at.getTime();
    const { cpuUsageUs: cpuUs, memory, gpus } = status;
    const sample = {
      at: at.toISOString(),
      cpu: this.#cores(cpuUs, now),
      memoryBytes: memory.usedBytes,
      ...ofGpus(gpus),
    };
    this.#last = { at: now, cpuUs };
    const recent = this.#samples.filter((one) => now - Date.parse(one.at) < KEEP_MS);
    this.#samples = [...recent, sample].slice(-KEEP_COUNT);
  }

  /** Oldest first. */
  list(): Sample[] {
    return this.#samples;
  }

  /** Cores used since the sample before; not known after the first, and when the agent began to count anew. */
  #cores(cpuUs: number | null, now: number): number | null {
    if (this.#last === undefined || this.#last.cpuUs === null || cpuUs === null) return null;
    const ms = now - this.#last.at;
    const used = cpuUs - this.#last.cpuUs;
    return ms <= 0 || used < 0 ? null : Math.round(used / ms) / 1000;
  }
}

/** Load as the mean over the cards, memory as their sum; null where no card said it. */
function ofGpus(gpus: AgentStatus['gpus']): Pick<Sample, 'gpu' | 'gpuMemoryBytes'> {
  const loads = (gpus ?? []).flatMap(({ load }) => load ?? []);
  const memory = (gpus ?? []).flatMap(({ memoryUsedBytes }) => memoryUsedBytes ?? []);
  return {
    gpu: loads.length === 0 ? null : Math.round((1000 * sum(loads)) / loads.length) / 1000,
    gpuMemoryBytes: memory.length === 0 ? null : sum(memory),
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
