import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleAgent } from '../../hub/src/drivers/images/agentBundle.ts';
import type { Benchmark, Context } from './benchmark.ts';
import { freePort, startListening, type Child } from './children.ts';
import { figure, mebibytes, median } from './numbers.ts';
import { residentBytes } from './processInfo.ts';
import { table } from './table.ts';

const IMAGES = join(import.meta.dirname, '../../images');
const REQUESTS = 1000;
const SECRET = 'bench';

/** What a server's agent adds to a small request, and what it takes. */
export const agentLatency: Benchmark = {
  name: 'agent',
  title: `Agent: ${REQUESTS} small GETs, one after the other`,
  goal: 'adds under 1 ms at the median; under 60 MB resident',
  run,
};

async function run({ options, sides, say }: Context): Promise<string[]> {
  const directory = mkdtempSync(join(tmpdir(), 'davit-bench-'));
  const agent = await startAgent(directory);
  try {
    const ways = {
      direct: sides.direct.url,
      'through the agent': `http://127.0.0.1:${agent.port}/port/${sides.backendPort}/`,
    };
    const idle = residentBytes(agent.pid);
    const times = new Map<string, number[]>(Object.keys(ways).map((name) => [name, []]));
    for (const url of Object.values(ways)) await measure(url);
    for (let round = 1; round <= options.rounds; round += 1) {
      for (const [name, url] of Object.entries(ways)) {
        const each = await measure(url);
        times.get(name)?.push(...each);
        say(`round ${round}, ${name}: ${median(each).toFixed(3)} ms`);
      }
    }
    const middle = (name: string): number => median(times.get(name) ?? []);
    const rows = [...times.keys()].map((name) => [name, middle(name).toFixed(3)]);
    rows.push(['added', (middle('through the agent') - middle('direct')).toFixed(3)]);
    const memory = `resident: ${mebibytes(idle)} idle, ${mebibytes(residentBytes(agent.pid))} after`;
    return [...table(['', 'median ms'], rows), `${memory} ${figure(REQUESTS * (options.rounds + 1))} requests`];
  } finally {
    await agent.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}

async function startAgent(directory: string): Promise<Child> {
  const bundle = join(directory, 'agent.cjs');
  writeFileSync(bundle, await bundleAgent(join(IMAGES, 'agent/src/main.ts')));
  writeFileSync(join(directory, 'secret'), SECRET);
  const port = await freePort();
  const env = { DAVIT_AGENT_HOST: '127.0.0.1', DAVIT_AGENT_PORT: String(port), DAVIT_RUN_DIR: directory };
  return await startListening(port, [...nodeFlags(), bundle], { ...process.env, ...env });
}

/** The flags for Node with which the images start the agent. */
function nodeFlags(): string[] {
  const dockerfile = readFileSync(join(IMAGES, 'finish/Dockerfile'), 'utf8');
  const entrypoint = /^ENTRYPOINT (\[.*\])$/m.exec(dockerfile)?.[1];
  const flags =
    entrypoint === undefined ? [] : (JSON.parse(entrypoint) as string[]).filter((part) => /^--./.test(part));
  if (flags.length === 0)
    throw new Error('The images start the agent without flags; is the ENTRYPOINT still in finish?');
  return flags;
}

async function measure(url: string): Promise<number[]> {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  const times: number[] = [];
  for (let index = 0; index < REQUESTS; index += 1) {
    const began = performance.now();
    await get(url, agent);
    times.push(performance.now() - began);
  }
  agent.destroy();
  return times;
}

function get(url: string, agent: http.Agent): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = http.get(url, { agent, headers: { 'x-davit-secret': SECRET } }, (answer) => {
      if (answer.statusCode !== 200) reject(new Error(`${url} answered ${answer.statusCode}.`));
      answer.on('end', resolve);
      answer.on('error', reject);
      answer.resume();
    });
    request.on('error', reject);
  });
}
