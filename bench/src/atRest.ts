import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { newPerson, newServer, signIn, type Person } from '../../hub/test/hubClient.ts';
import { HubProcess } from '../../hub/test/hubProcess.ts';
import type { Benchmark } from './benchmark.ts';
import { figure } from './numbers.ts';

/** The hub with stopped servers, left alone: its memory, and how much of a core it takes. */
export const atRest: Benchmark = {
  name: 'rest',
  title: 'Hub at rest with 50 stopped servers',
  goal: 'under 150 MiB, under 1 % of a core',
  run: async ({ options, say }) => {
    const hub = await HubProcess.start();
    try {
      const admin = await signIn(hub);
      for (let person = 0; person < 5; person += 1) await tenServers(hub, admin, person);
      say('waiting a minute for the hub to come to rest');
      await sleep(60_000);
      const before = await cpuSeconds(hub.pid);
      const seconds = Math.max(30, options.seconds * options.rounds);
      await sleep(seconds * 1000);
      const percent = (((await cpuSeconds(hub.pid)) - before) / seconds) * 100;
      return [
        `resident memory ${figure(await residentMib(hub.pid))} MiB`,
        `CPU ${percent.toFixed(2)} % of a core over ${seconds} s`,
      ];
    } finally {
      await hub.dispose();
    }
  },
};

async function tenServers(hub: HubProcess, admin: Person, index: number): Promise<void> {
  const person = await newPerson(hub, admin, `person${index}`);
  for (let server = 0; server < 10; server += 1) await newServer(person, 'jupyterlab', `server${server}`, false);
}

/** User and system time of a process, from /proc/<pid>/stat fields 14 and 15 in ticks of 10 ms (proc(5)). */
async function cpuSeconds(pid: number | undefined): Promise<number> {
  const fields = (await readFile(`/proc/${String(pid)}/stat`, 'utf8')).replace(/^.*\) /, '').split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

async function residentMib(pid: number | undefined): Promise<number> {
  const status = await readFile(`/proc/${String(pid)}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024;
}
