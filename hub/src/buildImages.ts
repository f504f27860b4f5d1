import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import {
  chartValues,
  detectEngineCli,
  ImageBuilder,
  loadOverlays,
  pushedImage,
  pushImage,
  registryLogin,
} from './drivers/images/index.ts';

/**
 * `npm run images [-- [--all] [--push <registry> [--values <file>]] [names]]`: builds the named images, or those that people start, with --all
 * also the parts of Davit that run on a cluster, and shows how it goes; with --push they are put into a registry as well,
 * where their names, which tell their content, are not there yet; what is there need not be built.
 * --values writes the names of those parts down for the Helm chart.
 * In a registry that asks who pushes, DAVIT_REGISTRY_USER and DAVIT_REGISTRY_PASSWORD_FILE say it, at a hub's own registry the
 * name of an admin and a file with an API token; without them, as whom the engine is signed in. Works without a hub.
 */
const MIB = 1024 * 1024;
const root = join(import.meta.dirname, '..', '..');
const imagesDir = join(root, 'images');
const workDir = join(tmpdir(), `davit-images-${String(process.getuid?.() ?? 'user')}`);

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    console.error('Stopping the build…');
    stop.abort(new Error('The build was stopped. What is finished stays; the next run goes on from there.'));
  });
}

async function buildOne(builder: ImageBuilder, name: string): Promise<string> {
  const started = performance.now();
  let shown = '';
  const location = await builder.ensure(name, {
    signal: stop.signal,
    onProgress: ({ image, step, steps, line }) => {
      const place = steps === 0 ? `${image}: preparing` : `${image}: step ${step} of ${steps}`;
      if (process.env['VERBOSE'] !== undefined) console.log(`${place}: ${line}`);
      else if (place !== shown) console.log(place);
      shown = place;
    },
  });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${name}: ready as ${location.ref}, ${Math.round(location.sizeBytes / MIB)} MiB, ${seconds} s`);
  return location.ref;
}

/** The hub's image is made of what a program of its own bundles. */
function stageHub(): void {
  execFileSync(process.execPath, [join(root, 'scripts', 'setup', 'hubImage.mjs')], { stdio: 'inherit' });
}

try {
  const engine = await detectEngineCli(workDir);
  const { values, positionals } = parseArgs({
    options: { push: { type: 'string' }, values: { type: 'string' }, all: { type: 'boolean', default: false } },
    allowPositionals: true,
  });
  const login = await registryLogin(process.env);
  const services = values.all ? 'all' : positionals;
  if (services === 'all' || services.includes('hub')) stageHub();
  const overlays = await loadOverlays(root);
  const builder = await ImageBuilder.create({ engine, imagesDir, workDir, overlays, services });
  const pushed = new Map<string, string>();
  const offered = [...builder.catalogue().map((image) => image.name), ...builder.services()];
  for (const name of positionals.length > 0 ? positionals : offered) {
    const to = values.push === undefined ? undefined : { registry: values.push, login, signal: stop.signal };
    const there = to === undefined ? undefined : await pushedImage(builder.ref(name), to);
    const ref = there ?? (await buildOne(builder, name));
    if (to === undefined) continue;
    const target = there ?? (await pushImage(engine, ref, to));
    console.log(there === undefined ? `pushed ${target}` : `there already: ${target}`);
    if (builder.services().includes(name)) pushed.set(name, target);
  }
  if (values.values !== undefined) await writeFile(values.values, chartValues(pushed));
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
