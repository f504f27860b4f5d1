import { afterAll, beforeAll, describe, jest } from '@jest/globals';
import { ClusterHub } from './clusterHub.ts';
import { describePlacement } from './cluster/placement.ts';
import { describeSaves } from './cluster/saves.ts';
import { describeServers } from './cluster/servers.ts';
import { clusterUp } from './engine/cluster.ts';

const MINUTE = 60_000;
jest.setTimeout(5 * MINUTE);

/** A whole hub whose servers are pods. What it does is told in a file each; all share one hub, whose start takes long. */
describe('a hub on a cluster', () => {
  let onCluster: ClusterHub | undefined;
  const started = (): ClusterHub => {
    if (onCluster === undefined) throw new Error('The hub did not start.');
    return onCluster;
  };

  beforeAll(async () => {
    onCluster = await ClusterHub.start(await clusterUp(), ['jupyterlab']);
  }, 20 * MINUTE);
  afterAll(() => onCluster?.dispose(), 2 * MINUTE);

  describeServers(started);
  describePlacement(started);
  describeSaves(started);
});
