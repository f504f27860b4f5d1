import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ensureHelm } from '../dev-cluster/src/binaries.mjs';

/** Lints the chart and renders it with each file of values in `ci`, as of the Kubernetes that it is tested on. */
const CHART = join(import.meta.dirname, 'davit');
const VERSION = ['--kube-version', '1.34.4'];
const helm = await ensureHelm();
const values = readdirSync(join(CHART, 'ci')).map((name) => join(CHART, 'ci', name));

for (const file of values) {
  for (const command of [
    ['lint', '--strict', '--quiet', CHART],
    ['template', 'davit', CHART, '--namespace', 'davit'],
  ]) {
    const { status, stdout, stderr } = spawnSync(helm, [...command, '--values', file, ...VERSION], {
      encoding: 'utf8',
    });
    if (status === 0) continue;
    process.stderr.write(`helm ${command[0]} with ${file} failed:\n${stdout}${stderr}`);
    process.exitCode = 1;
  }
}
