import { execFile } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { openServer } from '@davit/contract';
import { deleteAllServers, newServer, signIn, untilPhase, type Person } from '../../hub/test/hubClient.ts';
import { freePort, HubProcess } from '../../hub/test/hubProcess.ts';
import { enterServer } from '../../hub/test/hubServers.ts';
import type { EngineCli } from '../../hub/src/drivers/images/engineCli.ts';
import { detectEngineCli, ImageBuilder } from '../../hub/src/drivers/images/index.ts';
import type { Benchmark } from './benchmark.ts';
import { figure, median, ratio } from './numbers.ts';

const run = promisify(execFile);
const PAGE = '/jupyterlab/lab';
/** Between two looks at a page that is not there yet, on both sides alike. */
const LOOK_MS = 25;

/** How long until JupyterLab's page answers: a server of the hub beside a bare `run` of the same image by the engine. */
export const startTime: Benchmark = {
  name: 'start',
  title: 'Start → JupyterLab page answers 200, image present (ms)',
  goal: 'at most 1.5 × a bare run of the same image',
  run: async ({ options, say }) => {
    const hub = await HubProcess.start();
    const admin = await signIn(hub);
    const workDir = await mkdtemp(join(tmpdir(), 'davit-bench-'));
    try {
      const bare = await bareRunner(workDir);
      await bare();
      await serverStart(hub, admin);
      const [ours, theirs]: number[][] = [[], []];
      for (let round = 0; round < options.rounds; round += 1) {
        say(`round ${round + 1} of ${options.rounds}`);
        theirs?.push(await bare());
        ours?.push(await serverStart(hub, admin));
      }
      return report(ours ?? [], theirs ?? []);
    } finally {
      await deleteAllServers(admin);
      await hub.dispose();
      await rm(workDir, { recursive: true, force: true });
    }
  },
};

function report(ours: number[], theirs: number[]): string[] {
  const row = (name: string, values: number[]): string =>
    `${name.padEnd(12)} min ${figure(Math.min(...values))}  median ${figure(median(values))}  max ${figure(Math.max(...values))}`;
  const ratios = ours.map((value, index) => value / (theirs[index] ?? Number.NaN));
  return [row('davit', ours), row('bare run', theirs), `ratio pair by pair: median ${ratio(median(ratios), 1)}`];
}

/** From the request that creates the server until its page, behind proxy and sign-in, answers. */
async function serverStart(hub: HubProcess, person: Person): Promise<number> {
  const began = performance.now();
  const server = await newServer(person, 'jupyterlab', 'bench');
  await untilPhase(person, server.id, ['running'], 60_000, LOOK_MS);
  const browser = await enterServer(hub, await person.call(openServer, { params: { id: server.id }, body: {} }));
  while ((await browser.status(PAGE)) !== 200) await sleep(LOOK_MS);
  const took = performance.now() - began;
  await deleteAllServers(person);
  return took;
}

/** The same image, limits and agent, run by the engine's own command; the agent's secret is the only thing we add. */
async function bareRunner(workDir: string): Promise<() => Promise<number>> {
  const engine = await detectEngineCli(workDir);
  const imagesDir = join(import.meta.dirname, '..', '..', 'images');
  const builder = await ImageBuilder.create({ engine, imagesDir, workDir });
  const { ref } = await builder.ensure('jupyterlab');
  const secrets = join(workDir, 'secrets');
  await run('mkdir', ['-p', secrets]);
  for (const [name, content] of Object.entries({ secret: 'bench', go: 'go' }))
    await writeFile(join(secrets, name), content);
  await chmod(secrets, 0o755);
  return () => bareRun(engine, ref, secrets);
}

async function bareRun(engine: EngineCli, ref: string, secrets: string): Promise<number> {
  const port = await freePort();
  const call = (args: string[]) =>
    run(engine.program, [...engine.args, ...args], { env: { ...process.env, ...engine.env } });
  const limits = [
    '--memory',
    '2g',
    '--cpus',
    '1',
    '--cap-drop',
    'ALL',
    '--security-opt',
    'no-new-privileges',
    '--user',
    '1000:1000',
  ];
  const env = ['-e', 'DAVIT_EDITORS=jupyterlab', '-e', 'DAVIT_SERVER_ID=benchbenchbe', '-e', 'DAVIT_BASE_PATH='];
  const began = performance.now();
  const { stdout } = await call([
    'run',
    '-d',
    '-p',
    `127.0.0.1:${port}:7070`,
    '-v',
    `${secrets}:/run/davit:ro`,
    ...limits,
    ...env,
    ref,
  ]);
  while ((await statusOf(port)) !== 200) await sleep(LOOK_MS);
  const took = performance.now() - began;
  await call(['rm', '-f', '-t', '1', stdout.trim()]);
  return took;
}

function statusOf(port: number): Promise<number> {
  return new Promise((resolve) => {
    const headers = { 'x-davit-secret': 'bench', host: `127.0.0.1:${port}` };
    const asked = request({ host: '127.0.0.1', port, path: PAGE, headers, timeout: 5000 }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    asked.on('timeout', () => asked.destroy());
    asked.on('error', () => resolve(0));
    asked.end();
  });
}
