import { execFileSync } from 'node:child_process';
import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { saverAudience, type SaverRequest } from '@davit/oci';
import { SignJWT, type JWTPayload } from 'jose';
import { NotAllowed, RequestChecker } from './requests.ts';

const NODE = 'node-1';
const request: SaverRequest = { action: 'cancel', instance: 'one', job: 'job' };

let directory: string;
let certFile: string;
let key: KeyObject;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'davit-saver-'));
  certFile = join(directory, 'tls.crt');
  const keyFile = join(directory, 'tls.key');
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj', '/CN=davit'];
  execFileSync('openssl', ['req', '-x509', ...kind, '-keyout', keyFile, '-out', certFile], { stdio: 'pipe' });
  key = createPrivateKey(readFileSync(keyFile));
});
afterAll(() => rmSync(directory, { recursive: true }));

describe('requests to a saver', () => {
  let now: Date;
  let checker: RequestChecker;
  beforeEach(() => {
    now = new Date('2030-01-01T00:00:00Z');
    checker = new RequestChecker({ node: NODE, certFile, now: () => now });
    now = new Date('2030-01-01T01:00:00Z');
  });

  const signed = (
    changes: JWTPayload = {},
    by: { key: KeyObject | Uint8Array; alg: string } = { key, alg: 'ES256' },
  ) => {
    const iat = Math.floor(now.getTime() / 1000);
    const claims = {
      iss: 'davit',
      aud: saverAudience(NODE),
      jti: crypto.randomUUID(),
      iat,
      exp: iat + 60,
      davit: request,
    };
    return new SignJWT({ ...claims, ...changes }).setProtectedHeader({ alg: by.alg }).sign(by.key);
  };

  it('are done when the hub signed them for this node', async () => {
    expect(await checker.check(await signed())).toEqual(request);
    expect(await checker.check(await signed())).toEqual(request);
  });

  it('are done once', async () => {
    const token = await signed();
    await checker.check(token);
    await expect(checker.check(token)).rejects.toThrow('answered before');
    now = new Date(now.getTime() + 45_000);
    await expect(checker.check(token)).rejects.toThrow(NotAllowed);
  });

  it('are refused when another signed them, or nobody', async () => {
    const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
    const publicKey = readFileSync(certFile);
    const [header = '', payload = ''] = (await signed()).split('.');
    const none = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${payload}.`;
    for (const token of [
      await signed({}, { key: other, alg: 'ES256' }),
      await signed({}, { key: publicKey, alg: 'HS256' }),
      none,
      `${header}.${payload}.`,
      'nonsense',
      '',
    ]) {
      await expect(checker.check(token)).rejects.toThrow(NotAllowed);
    }
  });

  it.each([
    ['for another node', () => ({ aud: saverAudience('node-2') })],
    ['for a registry of the same name', () => ({ aud: NODE })],
    ['by another issuer', () => ({ iss: 'somebody' })],
    ['that have ended', (seconds: number) => ({ iat: seconds - 120, exp: seconds - 60 })],
    ['of the future', (seconds: number) => ({ iat: seconds + 3600, exp: seconds + 3660 })],
    ['that never end', () => ({ exp: undefined })],
    ['that are good for long', (seconds: number) => ({ exp: seconds + 86_400 })],
    ['without an id', () => ({ jti: undefined })],
    ['without a time', () => ({ iat: undefined })],
    ['without a wish', () => ({ davit: undefined })],
    ['of another version', () => ({ davit: { action: 'read', path: '/etc/shadow' } })],
    ['with a path for an id', () => ({ davit: { ...request, job: '../../etc' } })],
  ])('are refused %s', async (_, changes) => {
    await expect(checker.check(await signed(changes(Math.floor(now.getTime() / 1000))))).rejects.toThrow(NotAllowed);
  });

  it('of before its start are refused, for what was answered then is not known any more', async () => {
    const token = await signed();
    now = new Date(now.getTime() + 5000);
    const again = new RequestChecker({ node: NODE, certFile, now: () => now });
    await expect(again.check(token)).rejects.toThrow('started meanwhile');
  });
});
