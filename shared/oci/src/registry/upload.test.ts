import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { RegistryClient } from './client.ts';
import { BlobUpload, inParts, mountBlob, putBlob } from './upload.ts';

/** A registry of one upload at a time, whose failures a test chooses. */
class TinyRegistry {
  readonly blobs = new Map<string, Buffer>();
  readonly seen: string[] = [];
  upload: Buffer | undefined;
  /** Mounts are refused. */
  links = true;
  /** The next part arrives and its answer does not. */
  cut = false;
  readonly server: Server;

  constructor() {
    this.server = createServer((request, response) => {
      void this.#answer(request).then(({ status, headers = {}, body = '' }) => {
        if (status === 0) request.socket.destroy();
        else response.writeHead(status, headers).end(body);
      });
    });
  }

  async #answer(
    request: IncomingMessage,
  ): Promise<{ status: number; headers?: Record<string, string>; body?: string | Buffer }> {
    const url = new URL(request.url ?? '', 'http://registry');
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    this.seen.push(`${request.method} ${url.pathname}`);
    const location = { location: '/v2/to/blobs/uploads/1?_state=x' };
    if (request.method === 'POST') {
      if (this.links && this.blobs.has(url.searchParams.get('mount') ?? '')) return { status: 201 };
      this.upload = Buffer.alloc(0);
      return { status: 202, headers: location };
    }
    if (url.pathname.includes('/uploads/')) return this.#uploading(request.method ?? '', url, body, location);
    const digest = url.pathname.split('/').at(-1) ?? '';
    const blob = this.blobs.get(digest);
    return blob === undefined ? { status: 404 } : { status: 200, body: request.method === 'HEAD' ? '' : blob };
  }

  #uploading(method: string, url: URL, body: Buffer, location: Record<string, string>) {
    const range = () => ({ ...location, range: `0-${Math.max(0, (this.upload?.length ?? 0) - 1)}` });
    if (method === 'GET') return { status: 204, headers: range() };
    if (method === 'DELETE') {
      this.upload = undefined;
      return { status: 204 };
    }
    this.upload = Buffer.concat([this.upload ?? Buffer.alloc(0), body]);
    if (method === 'PATCH') {
      const status = this.cut ? 0 : 202;
      this.cut = false;
      return { status, headers: range() };
    }
    const digest = url.searchParams.get('digest') ?? '';
    if (digestOf(this.upload) !== digest) return { status: 400, body: '{"errors":[{"code":"DIGEST_INVALID"}]}' };
    this.blobs.set(digest, this.upload);
    this.upload = undefined;
    return { status: 201 };
  }
}

const digestOf = (content: Buffer | string) => `sha256:${createHash('sha256').update(content).digest('hex')}`;
const signal = () => AbortSignal.timeout(20_000);

describe('blobs on their way into a registry', () => {
  let registry: TinyRegistry;
  let url: URL;
  beforeEach(async () => {
    registry = new TinyRegistry();
    await new Promise<void>((resolve) => registry.server.listen(0, '127.0.0.1', resolve));
    url = new URL(`http://127.0.0.1:${(registry.server.address() as AddressInfo).port}`);
  });
  afterEach(() => {
    registry.server.closeAllConnections();
    registry.server.close();
  });

  it('arrive in parts, also when an answer is lost', async () => {
    const parts = [Buffer.from('one'), Buffer.from('two'), Buffer.from('three')];
    const upload = await BlobUpload.start(new RegistryClient(url), 'to', signal());
    for (const part of parts) {
      registry.cut = part.equals(Buffer.from('two'));
      await upload.write(part);
    }
    await upload.finish(digestOf('onetwothree'));
    expect([...registry.blobs.values()].map(String)).toEqual(['onetwothree']);
  });

  it('are refused with the registry’s words when they are others', async () => {
    const upload = await BlobUpload.start(new RegistryClient(url), 'to', signal());
    await upload.write(Buffer.from('one'));
    await expect(upload.finish(digestOf('two'))).rejects.toThrow('The registry answered 400 (DIGEST_INVALID).');
  });

  it('are forgotten when they are cancelled, and nothing more is sent', async () => {
    const abort = new AbortController();
    const upload = await BlobUpload.start(new RegistryClient(url), 'to', abort.signal);
    await upload.write(Buffer.from('one'));
    abort.abort(new Error('enough'));
    await expect(upload.write(Buffer.from('two'))).rejects.toThrow('enough');
    await upload.cancel();
    expect([registry.upload, registry.blobs.size]).toEqual([undefined, 0]);
  });

  it('are linked from another repository, or copied where that is not possible', async () => {
    const client = new RegistryClient(url);
    await putBlob(client, 'from', 'content', signal());
    const place = { repository: 'to', from: 'from', digest: digestOf('content') };
    expect(await mountBlob(client, place, signal())).toBe('mounted');
    registry.links = false;
    expect(await mountBlob(client, place, signal())).toBe('copied');
    registry.seen.length = 0;
    await putBlob(client, 'to', 'content', signal());
    expect(registry.seen).toEqual([`HEAD /v2/to/blobs/${digestOf('content')}`]);
  });

  it('are cut into parts of one size', async () => {
    const sizes: number[] = [];
    const chunks = [3, 5, 17, 2, 0, 4].map((size) => Buffer.alloc(size, size));
    for await (const part of inParts(chunks, 8)) sizes.push(part.length);
    expect(sizes).toEqual([8, 8, 8, 7]);
  });
});
