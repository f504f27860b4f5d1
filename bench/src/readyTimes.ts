import { clusterCommand, type TestCluster } from '../../hub/test/engine/cluster.ts';
import { ClusterHub } from '../../hub/test/clusterHub.ts';
import { deleteAllServers, newServer, signIn, untilPhase, type Person } from '../../hub/test/hubClient.ts';
import { HubProcess } from '../../hub/test/hubProcess.ts';
import type { Benchmark } from './benchmark.ts';
import { figure, median } from './numbers.ts';
import { table } from './table.ts';

/** Between two looks at a server that is not ready yet. */
const LOOK_MS = 25;
const READY_MS = 5 * 60_000;
const IMAGES = ['jupyterlab', 'code-server', 'desktop'];

/** How long until a server's editor is ready, for both drivers beside each other; on the cluster only where one is up. */
export const readyTimes: Benchmark = {
  name: 'ready',
  title: 'Create → editor ready, image present (s)',
  run: async ({ options, say }) => {
    const docker = await HubProcess.start();
    const cluster = await startOnCluster();
    if (cluster === undefined) say('no cluster is up (npm run cluster:up): measuring the docker driver only');
    const sides: Record<string, Person> = {
      docker: await signIn(docker),
      ...(cluster === undefined ? {} : { kubernetes: await signIn(cluster.hub) }),
    };
    try {
      const rows: string[][] = [];
      for (const image of IMAGES) rows.push(...(await measure(sides, image, options.rounds, say)));
      return table(['', 'min', 'median', 'max', 'servers'], rows);
    } finally {
      for (const person of Object.values(sides)) await deleteAllServers(person);
      await cluster?.dispose();
      await docker.dispose();
    }
  },
};

async function startOnCluster(): Promise<ClusterHub | undefined> {
  const settings = JSON.parse(await clusterCommand('settings')) as TestCluster;
  const answer = await fetch(`http://${settings.registry}/v2/`).catch(() => undefined);
  return answer === undefined ? undefined : ClusterHub.start(settings, IMAGES);
}

/** One server after the other, the drivers in turn; the first of each is not counted, as it fetches the image. */
async function measure(
  sides: Record<string, Person>,
  image: string,
  rounds: number,
  say: (text: string) => void,
): Promise<string[][]> {
  const took = Object.keys(sides).map((): number[] => []);
  for (let round = 0; round <= rounds; round += 1) {
    if (round > 0) say(`${image}: round ${round} of ${rounds}`);
    for (const [index, person] of Object.values(sides).entries()) {
      const seconds = await readyAfter(person, image);
      if (round > 0) took[index]?.push(seconds);
    }
  }
  return Object.keys(sides).map((side, index) => {
    const values = took[index] ?? [];
    const figures = [Math.min(...values), median(values), Math.max(...values)];
    return [`${image}, ${side}`, ...figures.map((value) => value.toFixed(2)), figure(values.length)];
  });
}

/** Seconds from the request that creates a server until the hub says that it runs, which is when its editor answers. */
async function readyAfter(person: Person, image: string): Promise<number> {
  const began = performance.now();
  const { id } = await newServer(person, image, 'bench');
  await untilPhase(person, id, ['running'], READY_MS, LOOK_MS);
  const took = (performance.now() - began) / 1000;
  await deleteAllServers(person);
  return took;
}
