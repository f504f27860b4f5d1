import { createPrivateKey, X509Certificate } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { decodeProtectedHeader, jwtVerify } from 'jose';
import { registryToken } from './registryToken.ts';
import { loadSigner } from './signer.ts';
import { testKeys } from './testKeys.ts';

const now = new Date('2030-01-02T03:04:05.678Z');
const seconds = Math.floor(now.getTime() / 1000);

describe('loadSigner', () => {
  it.each([
    ['RS256', ['rsa:2048']],
    ['ES256', []],
  ])('signs by %s, which the certificate alone verifies', async (alg, newkey) => {
    const { key, certificate } = testKeys(...newkey);
    const signer = await loadSigner(key, certificate);
    const token = await signer.sign({ iss: 'davit', aud: 'saver', sub: 'hub', node: 'a' }, { now, ttlSeconds: 60 });

    const { publicKey, raw } = new X509Certificate(certificate);
    expect(decodeProtectedHeader(token)).toEqual({ alg, typ: 'JWT', x5c: [raw.toString('base64')] });
    const checks = { audience: 'saver', issuer: 'davit' };
    const { payload } = await jwtVerify(token, publicKey, { ...checks, currentDate: now });
    expect(payload).toMatchObject({ sub: 'hub', node: 'a', iat: seconds, nbf: seconds, exp: seconds + 60 });
    const later = new Date(now.getTime() + 61_000);
    await expect(jwtVerify(token, publicKey, { ...checks, currentDate: later })).rejects.toThrow(/exp/);
  });

  it('gives every token an id of its own', async () => {
    const { key, certificate } = testKeys();
    const signer = await loadSigner(key, certificate);
    const claims = { iss: 'davit', aud: 'x', sub: 'y' };
    const one = await signer.sign(claims, { now, ttlSeconds: 1 });
    const other = await signer.sign(claims, { now, ttlSeconds: 1 });
    expect(one.split('.')[1]).not.toBe(other.split('.')[1]);
  });

  it('takes a key as older tools write it', async () => {
    const { key, certificate } = testKeys('rsa:2048');
    const pkcs1 = createPrivateKey(key).export({ type: 'pkcs1', format: 'pem' }).toString();
    expect((await loadSigner(pkcs1, certificate)).certificate).toBe(new X509Certificate(certificate).toString());
  });

  it('refuses what does not belong together, is too weak or is no key', async () => {
    const [mine, other] = [testKeys(), testKeys()];
    await expect(loadSigner(mine.key, other.certificate)).rejects.toThrow(/do not belong together/);
    const weak = testKeys('rsa:1024');
    await expect(loadSigner(weak.key, weak.certificate)).rejects.toThrow(/at least 2048 bits/);
    const curve = testKeys('ec', '-pkeyopt', 'ec_paramgen_curve:P-384');
    await expect(loadSigner(curve.key, curve.certificate)).rejects.toThrow(/P-256/);
    await expect(loadSigner('nothing', mine.certificate)).rejects.toThrow(/private key as PEM/);
    await expect(loadSigner(mine.key, 'nothing')).rejects.toThrow(/X\.509 certificate/);
  });
});

describe('registryToken', () => {
  it('names the registry, the subject and what is allowed', async () => {
    const { key, certificate } = testKeys();
    const access = [{ type: 'repository' as const, name: 'saved/abc', actions: ['pull', 'push'] }];
    const token = await registryToken(
      await loadSigner(key, certificate),
      { service: 'davit-registry', subject: 'user:abc', access },
      now,
    );
    const { payload } = await jwtVerify(token, new X509Certificate(certificate).publicKey, { currentDate: now });
    expect(payload).toMatchObject({ iss: 'davit', aud: 'davit-registry', sub: 'user:abc', access, exp: seconds + 900 });
  });
});
