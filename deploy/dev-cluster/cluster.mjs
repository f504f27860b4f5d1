import { SetupError, say } from '../../scripts/setup/run.mjs';
import { ensureBinaries } from './src/binaries.mjs';
import { down } from './src/down.mjs';
import { declareGpus } from './src/gpus.mjs';
import { holdsLock, otherKubeconfig } from './src/owner.mjs';
import { pidOf, stopParts } from './src/processes.mjs';
import { KUBECONFIG, NODE_ADDRESS, REGISTRY } from './src/settings.mjs';
import { up } from './src/up.mjs';

const HELP = `npm run cluster:up                        bring the cluster up, or what of it does not run
node deploy/dev-cluster/cluster.mjs build         only build its programs, unless they are there
npm run cluster:down [-- purge]           end it; with purge also remove its data
npm run cluster:gpus -- <count> [<name>]  let the node say that it has cards
node deploy/dev-cluster/cluster.mjs stop <part>   end one part, such as kube-apiserver; cluster:up starts it again
node deploy/dev-cluster/cluster.mjs settings      print where it is, for programs`;

/** @type {Record<string, (...args: string[]) => unknown>} */
const COMMANDS = {
  up,
  build: ensureBinaries,
  down: (option) => down({ purge: option === 'purge' }),
  gpus: declareGpus,
  settings: () => {
    const settings = { kubeconfig: KUBECONFIG, registry: REGISTRY, gateway: NODE_ADDRESS };
    process.stdout.write(`${JSON.stringify(settings)}\n`);
  },
  stop: async (part = '') => {
    if (pidOf(part) === undefined) throw new SetupError(`No part "${part}" of the cluster runs.`);
    await stopParts([part]);
    say(`${part} has ended`);
  },
};

async function main() {
  const [name = '', ...args] = process.argv.slice(2);
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command === undefined) throw new SetupError(`Commands:\n${HELP}`);
  const other = otherKubeconfig();
  if (other !== undefined) {
    say(
      `KUBECONFIG names another cluster (${other}): that one is used, and nothing is done here. Unset it for the own one.`,
    );
    return;
  }
  if (process.getuid?.() !== 0)
    throw new SetupError('A cluster on this machine needs root. Or set KUBECONFIG to use another.');
  // What changes nothing waits for nobody.
  if (command === COMMANDS.settings || holdsLock()) await command(...args);
}

main().catch((error) => {
  process.stderr.write(`\ndavit: ${error instanceof SetupError ? error.message : String(error?.stack ?? error)}\n`);
  process.exitCode = 1;
});
