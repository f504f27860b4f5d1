import { describe, expect, it } from '@jest/globals';
import { request } from 'node:http';
import { SpawnRefused } from '../../../domains/servers/spawner.ts';
import { EngineUnreachable, isPortConflict, isUnreachable, plainError } from './errors.ts';

/** What dockerode rejects with. */
const answer = (statusCode: number, message: string) =>
  Object.assign(new Error(`(HTTP code ${statusCode}) ${message}`), { statusCode });

describe('plainError', () => {
  it.each([
    ['a gone image (Docker)', answer(404, 'no such image: No such image: sha256:0'), 'image is no longer'],
    ['a gone image (Podman)', answer(404, 'failed to find image sha256:0: image not known'), 'image is no longer'],
    ['a full disk', answer(500, 'mkdir /var/lib/x: no space left on device'), 'disk of the machine is full'],
    [
      'a full disk of our own',
      Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' }),
      'disk',
    ],
    [
      'a program that is not there',
      answer(400, 'exec: "/x": executable file `/x` not found in $PATH'),
      'first program',
    ],
    ['missing GPU support (Podman)', answer(500, 'unresolvable CDI devices nvidia.com/gpu=0'), 'cannot attach the GPU'],
    ['missing GPU support (Docker)', answer(500, 'could not select device driver "nvidia"'), 'cannot attach the GPU'],
    [
      'a permission',
      Object.assign(new Error("EACCES: permission denied, mkdir '/x'"), { syscall: 'mkdir' }),
      'not permit',
    ],
  ])('refuses for %s in plain words and keeps the cause', (_, error, words) => {
    const plain = plainError(error);
    expect(plain).toBeInstanceOf(SpawnRefused);
    expect(plain.message).toContain(words);
    expect(plain.cause).toBe(error);
  });

  it.each([
    ['a port that is taken', answer(500, 'driver failed: port is already allocated')],
    ['an unknown failure', answer(500, 'something odd')],
  ])('passes %s on: another try may help', (_, error) => {
    expect(plainError(error)).toBe(error);
  });

  it('tells a real failed connect from a missing file', async () => {
    const failed = await new Promise<Error>((resolve) => {
      request({ socketPath: '/does/not/exist.sock' }).once('error', resolve).end();
    });
    expect(plainError(failed)).toBeInstanceOf(EngineUnreachable);
    expect(isUnreachable(Object.assign(new Error('ENOENT'), { code: 'ENOENT', syscall: 'open' }))).toBe(false);
    expect(isUnreachable(Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' }))).toBe(true);
  });

  it('says that the engine was too slow', async () => {
    const signal = AbortSignal.timeout(1);
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(plainError(signal.reason).message).toBe('The container engine took too long to answer.');
  });

  it('knows a port conflict by both engines’ words', () => {
    expect(isPortConflict(answer(500, 'Bind for 127.0.0.1:5 failed: port is already allocated'))).toBe(true);
    expect(isPortConflict(answer(500, 'cannot listen on the TCP port: address already in use'))).toBe(true);
    expect(isPortConflict(answer(409, 'the container name is already in use'))).toBe(false);
  });
});
