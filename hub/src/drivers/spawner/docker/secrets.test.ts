import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { chown, mkdir, mkdtemp, readdir, readFile, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { findTmpfs, openSecrets, type Secrets } from './secrets.ts';
import type { GiveAway } from './storage.ts';

const now = new Date('2030-01-01T00:00:00Z');
const server = 'serveraaaaaa';
const [mayChown, isUser] = [process.getuid?.() === 0, process.getuid?.() === 1000];

let tmpfs: string;
let directory: string;
let secrets: Secrets;
let given: string[];
const giveAway: GiveAway = (paths) => {
  given.push(...paths);
  return Promise.resolve();
};
beforeEach(async () => {
  tmpfs = await mkdtemp('/dev/shm/davit-test-');
  directory = join(tmpfs, 'davit-hub');
  secrets = await openSecrets(tmpfs, 'hub', { now: () => now });
  given = [];
});
afterEach(() => rm(tmpfs, { recursive: true }));

const text = (name: string) => readFile(join(directory, server, name), 'utf8');

describe('secret files', () => {
  it('lie in a directory that only the hub’s user enters, each readable by the container’s user alone', async () => {
    await secrets.write(server, { secret: 's', token: 't' }, giveAway);
    expect((await stat(directory)).mode & 0o777).toBe(0o700);
    expect((await stat(secrets.directoryOf(server))).mode & 0o777).toBe(0o755);
    expect([await text('secret'), await text('token')]).toEqual(['s', 't']);
    const file = await stat(join(directory, server, 'secret'));
    if (mayChown || isUser) expect([file.mode & 0o777, file.uid]).toEqual([0o400, 1000]);
    else expect(given).toHaveLength(2);
  });

  it('are replaced by rename and only when they differ', async () => {
    await secrets.write(server, { secret: 's', token: 't' }, giveAway);
    const before = await Promise.all(['secret', 'token'].map((name) => stat(join(directory, server, name))));
    await secrets.write(server, { secret: 's', token: 'new' }, giveAway);
    const after = await Promise.all(['secret', 'token'].map((name) => stat(join(directory, server, name))));
    expect(after[0]?.ino).toBe(before[0]?.ino);
    expect(after[1]?.ino).not.toBe(before[1]?.ino);
    expect((await readdir(join(directory, server))).sort()).toEqual(['secret', 'token']);
  });

  it('keep the token that is there when none is given', async () => {
    await secrets.write(server, { secret: 's', token: 't' }, giveAway);
    await secrets.write(server, { secret: 's' }, giveAway);
    expect(await text('token')).toBe('t');
  });

  it('say go to one container only', async () => {
    await secrets.write(server, { secret: 's' }, giveAway);
    expect(await secrets.isAllowed(server, 'one')).toBe(false);
    await secrets.allow(server, 'one');
    expect(await secrets.isAllowed(server, 'one')).toBe(true);
    expect(await secrets.isAllowed(server, 'two')).toBe(false);
    await secrets.forbid(server);
    expect(await secrets.isAllowed(server, 'one')).toBe(false);
  });

  it('are swept when no container wants them and nobody is about to make one', async () => {
    const old = new Date(now.getTime() - 120_000);
    for (const id of ['wantedaaaaaa', 'orphanaaaaaa', 'freshaaaaaaa']) {
      await secrets.write(id, { secret: 's' }, giveAway);
      await utimes(join(directory, id), old, id === 'freshaaaaaaa' ? now : old);
    }
    await secrets.sweep(new Set(['wantedaaaaaa']));
    expect((await readdir(directory)).sort()).toEqual(['freshaaaaaaa', 'wantedaaaaaa']);
  });

  it('never leave their directory', () => {
    expect(() => secrets.directoryOf('../../etc')).toThrow('is not an id');
    expect(() => secrets.remove('..')).toThrow('is not an id');
  });
});

describe('the place for secrets', () => {
  it('is the first tmpfs among the candidates', async () => {
    expect(await findTmpfs(['/does/not/exist', '/proc', '/dev/shm'])).toBe('/dev/shm');
  });

  it('is never a disk', async () => {
    await expect(findTmpfs(['/proc', '/usr'])).rejects.toThrow('found no tmpfs');
  });

  const asRoot = mayChown ? it : it.skip;
  asRoot('is refused when somebody else has made it', async () => {
    await mkdir(join(tmpfs, 'davit-squatted'));
    await chown(join(tmpfs, 'davit-squatted'), 1001, 1001);
    const opened = openSecrets(tmpfs, 'squatted', { now: () => now });
    await expect(opened).rejects.toThrow('belongs to somebody else');
  });
});
