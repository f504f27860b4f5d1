import { agentLatency } from './agentLatency.ts';
import { atRest } from './atRest.ts';
import type { Benchmark } from './benchmark.ts';
import { bulk } from './bulk.ts';
import { echo } from './echo.ts';
import { growth } from './growth.ts';
import { readOptions, USAGE, type Options } from './options.ts';
import { readyTimes } from './readyTimes.ts';
import { startSides } from './sides.ts';
import { startTime } from './startTime.ts';
import { smallGet } from './smallGet.ts';

/** All benchmarks, in the order in which they run. */
const BENCHMARKS: Benchmark[] = [smallGet, echo, bulk, growth, agentLatency, startTime, readyTimes, atRest];

function chosen({ names }: Options): Benchmark[] {
  const unknown = names.filter((name) => !BENCHMARKS.some((benchmark) => benchmark.name === name));
  if (unknown.length > 0) {
    const known = BENCHMARKS.map(({ name }) => name).join(', ');
    throw new Error(`There is no benchmark "${unknown.join('", "')}". There are: ${known}.`);
  }
  return BENCHMARKS.filter(({ name }) => names.length === 0 || names.includes(name));
}

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  const benchmarks = chosen(options);
  const sides = await startSides(options);
  const say = (text: string): void => void process.stderr.write(`  ${text}\n`);
  try {
    for (const benchmark of benchmarks) {
      console.log(`\n${benchmark.title}  [${benchmark.name}]`);
      if (benchmark.goal !== undefined) console.log(`Goal: ${benchmark.goal}`);
      for (const line of await benchmark.run({ options, sides, say })) console.log(line);
    }
  } finally {
    await sides.stop();
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  console.error(USAGE);
  process.exitCode = 1;
});
