import { describe, expect, it } from '@jest/globals';
import type { ContainerInspectInfo } from 'dockerode';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { killedForMemory } from './kernelLog.ts';
import { logLines } from './logs.ts';
import { observedServer, publishedEndpoint, stateOf } from './observe.ts';

function container(state: Partial<ContainerInspectInfo['State']>): ContainerInspectInfo {
  const told = {
    Id: 'engine-id',
    Created: '2030-01-01T10:00:00.123456789Z',
    State: {
      Status: 'running',
      Running: true,
      OOMKilled: false,
      ExitCode: 0,
      StartedAt: '2030-01-01T10:00:01Z',
      FinishedAt: '0001-01-01T00:00:00Z',
      ...state,
    },
    Config: {
      Labels: { 'davit.server': 'serveraaaaaa', 'davit.owner': 'owneraaaaaaa', 'davit.generation': '3' },
    },
    NetworkSettings: { Ports: { '7070/tcp': [{ HostIp: '127.0.0.1', HostPort: '40001' }] } },
  };
  return told as unknown as ContainerInspectInfo;
}
const exited = { Status: 'exited', Running: false, FinishedAt: '2030-01-01T11:00:00Z' };

describe('what list() tells of a container', () => {
  it('running and allowed', () => {
    expect(observedServer(container({}), true)).toEqual({
      ref: { serverId: 'serveraaaaaa', engineId: 'engine-id' },
      ownerId: 'owneraaaaaaa',
      generation: 3,
      state: 'running',
      createdAt: new Date('2030-01-01T10:00:00.123Z'),
      startedAt: new Date('2030-01-01T10:00:01Z'),
    });
  });

  it('running and not yet told to go counts as created', () => {
    expect(observedServer(container({}), false).state).toBe('created');
  });

  it('made and never started has no start', () => {
    const server = observedServer(
      container({ Status: 'created', Running: false, StartedAt: '0001-01-01T00:00:00Z' }),
      false,
    );
    expect(server).toMatchObject({ state: 'created', startedAt: undefined, exitCode: undefined });
  });

  it('exited with its code and end', () => {
    const server = observedServer(container({ ...exited, ExitCode: 3 }), true);
    expect(server).toMatchObject({ state: 'exited', exitCode: 3, outOfMemory: false });
    expect(server.finishedAt).toEqual(new Date('2030-01-01T11:00:00Z'));
  });

  it('is out of memory only when the first process was killed for it, not a child before a normal end', () => {
    expect(observedServer(container({ ...exited, ExitCode: 137, OOMKilled: true }), true).outOfMemory).toBe(true);
    expect(observedServer(container({ ...exited, ExitCode: 0, OOMKilled: true }), true).outOfMemory).toBe(false);
  });

  it.each([
    ['created', 'created'],
    ['initialized', 'created'],
    ['exited', 'exited'],
    ['stopped', 'exited'],
    ['dead', 'exited'],
    ['removing', 'exited'],
  ])('calls the engine’s %s %s', (Status, state) => {
    expect(stateOf(container({ Status, Running: false }))).toBe(state);
  });

  it('finds the published port, or none', () => {
    expect(publishedEndpoint(container({}))).toEqual({ host: '127.0.0.1', port: 40001 });
    expect(
      publishedEndpoint({ ...container({}), NetworkSettings: { Ports: {} } } as ContainerInspectInfo),
    ).toBeUndefined();
  });
});

describe('killedForMemory', () => {
  it('finds the container in what the kernel wrote', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'davit-test-'));
    const path = join(directory, 'kmsg');
    const record = (id: string) =>
      `6,1,2,-;oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),oom_memcg=/libpod_parent/libpod-${id},task=node\n`;
    await writeFile(path, `6,0,1,-;container mine was mentioned\n${record('theirs')}`);
    expect(await killedForMemory('theirs', path)).toBe(true);
    expect(await killedForMemory('absent', path)).toBe(false);
    expect(await killedForMemory('theirs', join(directory, 'none'))).toBe(false);
    await rm(directory, { recursive: true });
  });
});

describe('logLines', () => {
  const frame = (stream: number, text: string) => {
    const header = Buffer.alloc(8);
    header[0] = stream;
    header.writeUInt32BE(Buffer.byteLength(text), 4);
    return Buffer.concat([header, Buffer.from(text)]);
  };

  it('puts both streams together as they came and gives the last lines', () => {
    const log = Buffer.concat([frame(1, 'one\ntw'), frame(1, 'o\r\n'), frame(2, 'thrée\n')]);
    expect(logLines(log, 10)).toEqual(['one', 'two', 'thrée']);
    expect(logLines(log, 2)).toEqual(['two', 'thrée']);
  });

  it('bears an empty log, a cut end and an endless line', () => {
    expect(logLines(Buffer.alloc(0), 10)).toEqual([]);
    expect(logLines(Buffer.concat([frame(1, 'whole\n'), Buffer.from([1, 0, 0])]), 10)).toEqual(['whole']);
    expect(logLines(frame(1, 'x'.repeat(100_000)), 10)[0]).toHaveLength(4001);
  });
});
