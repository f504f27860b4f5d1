import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A new private key and its self-signed certificate, PEM, for tests. `newkey` is what openssl req takes. */
export function testKeys(...newkey: string[]): { key: string; certificate: string } {
  const directory = mkdtempSync(join(tmpdir(), 'davit-keys-'));
  try {
    const [key, certificate] = [join(directory, 'tls.key'), join(directory, 'tls.crt')];
    const kind = newkey.length > 0 ? newkey : ['ec', '-pkeyopt', 'ec_paramgen_curve:P-256'];
    const fixed = ['-nodes', '-subj', '/CN=davit', '-days', '2', '-keyout', key, '-out', certificate];
    execFileSync('openssl', ['req', '-x509', '-newkey', ...kind, ...fixed], { stdio: 'pipe' });
    return { key: readFileSync(key, 'utf8'), certificate: readFileSync(certificate, 'utf8') };
  } finally {
    rmSync(directory, { recursive: true });
  }
}
