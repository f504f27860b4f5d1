import { describe, expect, it } from '@jest/globals';
import type { IncomingMessage } from 'node:http';
import { PassThrough } from 'node:stream';
import type { Connection } from './connection.ts';
import { Upload } from './upload.ts';

type Written = (error?: Error | null) => void;

/** Sends one piece by an upload; returns what its connection is to call when the piece has left. */
async function send(chunk: Buffer, isChunked: boolean): Promise<Written> {
  const callbacks: Written[] = [];
  const connection = {
    write: (_piece: Buffer | string, written?: Written) => {
      if (written !== undefined) callbacks.push(written);
      return true;
    },
    cork: () => undefined,
    uncork: () => undefined,
  };
  const req = new PassThrough();
  new Upload(req as unknown as IncomingMessage, connection as unknown as Connection, isChunked);
  req.write(chunk);
  await new Promise((resolve) => setImmediate(resolve));
  expect(callbacks).toHaveLength(1);
  return callbacks[0] ?? (() => undefined);
}

describe.each([false, true])('a piece of an upload (in chunks: %s)', (isChunked) => {
  it('is freed when it has left, not before', async () => {
    const chunk = Buffer.allocUnsafeSlow(50_000);
    const written = await send(chunk, isChunked);
    expect(chunk).toHaveLength(50_000);
    written();
    expect(chunk).toHaveLength(0);
  });

  it('is left alone when it could not be sent', async () => {
    const chunk = Buffer.allocUnsafeSlow(50_000);
    (await send(chunk, isChunked))(new Error('reset'));
    expect(chunk).toHaveLength(50_000);
  });

  it('is left alone when its memory holds other things too', async () => {
    const memory = Buffer.allocUnsafeSlow(60_000);
    (await send(memory.subarray(0, 50_000), isChunked))();
    expect(memory).toHaveLength(60_000);
  });
});
