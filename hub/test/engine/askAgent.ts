import { AGENT_PORT, type ServerRef, type Spawner } from '../../src/domains/servers/spawner.ts';
import { eventually } from '../../src/drivers/spawner/conformance.ts';

const START_MS = 60_000;

interface Inside {
  spawner: Spawner;
  inside(ref: ServerRef, script: string): Promise<{ output: string }>;
}

/** Has the first process of a test image do something; it listens a moment after its container runs. */
export async function askAgent({ spawner, inside }: Inside, ref: ServerRef, path: string): Promise<void> {
  // A cluster may still be at work when ensure() is done.
  const endpoint = await eventually(() => spawner.endpoint(ref, AGENT_PORT, AbortSignal.timeout(10_000)), START_MS);
  const { output: secret } = await inside(ref, `print(fs.readFileSync('/run/davit/secret', 'utf8'))`);
  const call = (asked: string) =>
    fetch(`http://${endpoint.host}:${endpoint.port}${asked}`, { headers: { 'x-davit-secret': secret } })
      .then((response) => response.text())
      .catch(() => undefined);
  await eventually(() => call('/'));
  await call(path);
}

/** JavaScript that runs in a container with Node's modules at hand; `print` writes what it is given as the output. */
export function insideScript(script: string): string {
  return `const print = (value) => process.stdout.write(typeof value === 'string' ? value : JSON.stringify(value));
    (async () => { ${script} })().catch((error) => { console.error(error); process.exit(1); });`;
}
