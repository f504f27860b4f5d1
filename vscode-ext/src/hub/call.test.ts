import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportUsage, getServer, getServerApiInfo, startServer, type ApiError } from '@davit/contract';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { hubAddress, type HubAddress } from './address.ts';
import { languageOf } from '../i18n/language.ts';
import { createCall } from './call.ts';

const params = { id: 'aaaaaaaaaaaa' };
let directory: string;
let address: HubAddress;
let seen: { url?: string; token?: string }[];
let answer: (req: IncomingMessage, res: ServerResponse) => void;
const server = createServer((req, res) => {
  seen.push({ url: req.url, token: req.headers.authorization });
  answer(req, res);
});

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'davit-call-'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  address = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    tokenFile: join(directory, 'token'),
  };
  await writeFile(address.tokenFile, 'davit_one\n');
  seen = [];
  answer = (_, res) => json(res, 200, { ok: true });
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await rm(directory, { recursive: true, force: true });
});

function json(res: ServerResponse, status: number, body: unknown): void {
  res.writeHead(status, { 'content-type': 'application/json' });
  res.end(JSON.stringify(body));
}

async function rotate(token: string): Promise<void> {
  await writeFile(join(directory, 'next'), token);
  await rename(join(directory, 'next'), address.tokenFile);
}

describe('the client of the server API', () => {
  it('asks at the paths of a server, with the token of the file', async () => {
    const call = createCall(address);
    await call(getServer, { params });
    await call(getServerApiInfo, {});
    expect(seen).toEqual([
      { url: '/api/davit/v1/servers/aaaaaaaaaaaa', token: 'Bearer davit_one' },
      { url: '/api/davit/v1/info', token: 'Bearer davit_one' },
    ]);
  });

  it('sends a new token as soon as it lies there', async () => {
    const call = createCall(address);
    await call(getServer, { params });
    await rotate('davit_two');
    await call(getServer, { params });
    expect(seen.map(({ token }) => token)).toEqual(['Bearer davit_one', 'Bearer davit_two']);
  });

  it('asks again with the token that replaced a refused one', async () => {
    answer = (req, res) => {
      if (req.headers.authorization === 'Bearer davit_two') json(res, 200, { ok: true });
      else void rotate('davit_two').then(() => json(res, 401, {}));
    };
    await expect(createCall(address)(getServer, { params })).resolves.toEqual({ ok: true });
  });

  it('gives up a refused token that stays as it is', async () => {
    answer = (_, res) => json(res, 401, {});
    const error = (await createCall(address)(getServer, { params }).catch((thrown: unknown) => thrown)) as ApiError;
    expect(error.problem.status).toBe(401);
    expect(seen).toHaveLength(1);
  });

  it('says a refusal of the hub in the language of the editor, whole and at its fields', async () => {
    const problem = { type: 'about:blank', title: 'conflict', status: 409, code: 'conflict', requestId: 'r' };
    const detail = 'Your image env:1 exists already. A version never changes: choose another one.';
    const fields = [{ path: 'version', message: 'exists already' }];
    answer = (_, res) => json(res, 409, { ...problem, detail, fields });
    const call = createCall(address, { words: languageOf('zh-cn').texts.hubText });
    const error = (await call(getServer, { params }).catch((thrown: unknown) => thrown)) as ApiError;
    expect(error.message).toBe('您的镜像 env:1 已存在。版本不会再变，请换一个版本。');
    expect(error.problem.fields).toEqual([{ path: 'version', message: '已存在' }]);
  });

  it('asks without a token while there is none', async () => {
    await rm(address.tokenFile);
    await createCall(address)(getServer, { params });
    expect(seen).toEqual([{ url: '/api/davit/v1/servers/aaaaaaaaaaaa', token: undefined }]);
  });

  it('follows no redirect, which could carry the token away', async () => {
    answer = (_, res) => res.writeHead(302, { location: 'http://127.0.0.1:1/' }).end();
    await expect(createCall(address)(getServer, { params })).rejects.toThrow('fetch failed');
    expect(seen).toHaveLength(1);
  });

  it('reads a text as text', async () => {
    answer = (_, res) => res.end('user,server\n');
    await expect(createCall(address)(exportUsage, { query: {} })).resolves.toBe('user,server\n');
  });

  it('never asks for what servers are not offered', async () => {
    await expect(async () => createCall(address)(startServer, { params })).rejects.toThrow('not offered');
    expect(seen).toEqual([]);
  });
});

describe('hubAddress', () => {
  it('is where the hub said, without a slash at the end', () => {
    expect(hubAddress({ DAVIT_API_URL: 'http://10.0.0.1:8001/' })).toEqual({
      url: 'http://10.0.0.1:8001',
      tokenFile: '/run/davit/token',
    });
  });

  it.each([{}, { DAVIT_API_URL: '' }, { DAVIT_API_URL: 'not an address' }])('is nowhere for %j', (env) => {
    expect(hubAddress(env)).toBeUndefined();
  });
});
