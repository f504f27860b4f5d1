import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '../../src/drivers/spawner/conformance.ts';
import { freePort } from '../hubProcess.ts';

/** How a registry is to know who calls. */
export type RegistryProtection =
  | { kind: 'none' }
  /** Asks at `realm`; takes what the key of `certificate` signed. */
  | { kind: 'token'; realm: string; service: string; issuer: string; certificate: string };

/** A real registry (Debian's docker-registry) on loopback, empty at its start. */
export interface RegistryServer {
  /** `host:port`, as in references. */
  host: string;
  url: URL;
  close(): Promise<void>;
}

export async function startRegistry(protection: RegistryProtection): Promise<RegistryServer> {
  const directory = await mkdtemp(join(tmpdir(), 'davit-registry-'));
  const host = `127.0.0.1:${await freePort()}`;
  const bundle = join(directory, 'tls.crt');
  if (protection.kind === 'token') await writeFile(bundle, protection.certificate);
  const auth =
    protection.kind === 'token'
      ? {
          token: {
            realm: protection.realm,
            service: protection.service,
            issuer: protection.issuer,
            rootcertbundle: bundle,
          },
        }
      : undefined;
  const config = {
    version: 0.1,
    log: { level: 'warn', accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: join(directory, 'data') }, delete: { enabled: true } },
    http: { addr: host },
    ...(auth === undefined ? {} : { auth }),
  };
  const file = join(directory, 'config.json');
  await writeFile(file, JSON.stringify(config));
  const child = spawn('docker-registry', ['serve', file], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (data: Buffer) => (said = (said + data.toString()).slice(-4000)));
  const failed = new Promise<never>((_, reject) => {
    child.once('error', reject);
    child.once('exit', () => reject(new Error(`The registry ended: ${said}`)));
  });
  failed.catch(() => undefined);
  const url = new URL(`http://${host}/`);
  await Promise.race([failed, eventually(() => fetch(new URL('/v2/', url)).catch(() => undefined), 30_000)]);
  return {
    host,
    url,
    close: async () => {
      const gone = child.exitCode === null ? once(child, 'exit') : Promise.resolve();
      child.kill();
      await gone;
      await rm(directory, { recursive: true, force: true });
    },
  };
}
