import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SaveRefused } from '@davit/oci';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Containers, isOf } from './containers.ts';
import { layersOf } from './save.ts';

const ID = 'a'.repeat(64);
const UID = '01234567-89ab-cdef-0123-456789abcdef';
const wanted = { id: ID, podUid: UID, serverId: 'abc123abc123' };

describe('the cgroups of a container', () => {
  const slice = `kubepods-burstable-pod${UID.replaceAll('-', '_')}.slice`;
  it.each([
    `3:memory:/kubepods/burstable/pod${UID}/${ID}`,
    `0::/kubepods.slice/kubepods-burstable.slice/${slice}/cri-containerd-${ID}.scope`,
    `0::/../../${slice}/crio-${ID}.scope/init`,
    `1:cpu:/other\n0::/k3s/pod${UID}/${ID}`,
  ])('%s', (cgroups) => {
    expect(isOf(cgroups, ID, UID)).toBe(true);
    expect(isOf(cgroups, 'b'.repeat(64), UID)).toBe(false);
    expect(isOf(cgroups, ID, UID.replace('0', '1'))).toBe(false);
  });

  it('are not those of a process that names its own cgroup after it', () => {
    expect(isOf(`0::/user.slice/${ID}`, ID, UID)).toBe(false);
    expect(isOf(`0::/kubepods/pod${UID}/${'b'.repeat(64)}/${ID}`, ID, UID)).toBe(false);
  });
});

describe('a container', () => {
  let directory: string;
  let stores: string[];
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'davit-proc-'));
    stores = [join(directory, 'store')];
    for (const layer of ['1', '2', '3']) mkdirSync(join(directory, 'store', layer, 'fs'), { recursive: true });
    ofNode(overlay(join(directory, 'store')));
    process(100);
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  const overlay = (store: string, device = '0:50') =>
    `90 30 ${device} / /run/x/rootfs rw - overlay overlay rw,lowerdir=${store}/2/fs:${store}/1/fs,upperdir=${store}/3/fs,workdir=${store}/3/work`;
  const put = (pid: number, files: Record<string, string>) => {
    mkdirSync(join(directory, 'proc', String(pid)), { recursive: true });
    for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, 'proc', String(pid), name), text);
  };
  const ofNode = (mountinfo: string) => put(1, { mountinfo, cgroup: '0::/', status: 'NSpid:\t1\n' });
  const process = (pid: number, changes: Record<string, string> = {}) =>
    put(pid, {
      cgroup: `0::/kubepods/pod${UID}/${ID}`,
      status: `Name:\tx\nNSpid:\t${pid}\t1\n`,
      stat: `${pid} (a ) b) S ${Array.from({ length: 18 }, (_, index) => index + 4).join(' ')} 4711 0`,
      environ: `A=b\0DAVIT_SERVER_ID=${wanted.serverId}\0`,
      uid_map: '         0          0 4294967295\n',
      mountinfo: `1 0 0:50 / / rw - overlay overlay rw\n2 1 0:60 / /data/private rw - nfs x rw`,
      ...changes,
    });
  const find = () => new Containers({ proc: join(directory, 'proc'), stores }).find(wanted);

  it('is found with the directories of its layers, its mounts and when it began', async () => {
    process(101, { status: 'NSpid:\t101\t7\n' });
    process(99, { status: 'NSpid:\t99\t8\t1\n' });
    const found = await find();
    const store = join(directory, 'store');
    expect(found).toMatchObject({ pid: 100, startTime: '4711' });
    expect(found.overlay).toMatchObject({ upper: `${store}/3/fs`, lower: [`${store}/2/fs`, `${store}/1/fs`] });
    expect(found.mounts.map(({ point }) => point)).toEqual(['/', '/data/private']);
    const containers = new Containers({ proc: join(directory, 'proc'), stores });
    expect(await containers.isRunning(found)).toBe(true);
    process(100, { stat: '100 (x) S 1' });
    expect(await containers.isRunning(found)).toBe(false);
  });

  it.each([
    ['that is not there', { cgroup: '0::/other' }, /stopped or started anew/],
    ['that is none of Davit', { environ: 'A=b\0' }, /none of this server/],
    ['of another server', { environ: 'DAVIT_SERVER_ID=other\0' }, /none of this server/],
    ['with users of its own', { uid_map: '0 100000 65536' }, /USER_NAMESPACES/],
    ['whose root is another mount', { mountinfo: '1 0 0:51 / / rw - overlay overlay rw,upperdir=/etc' }, /overlayfs/],
  ])('%s is refused', async (_, changes, message) => {
    process(100, changes);
    await expect(find()).rejects.toThrow(SaveRefused);
    await expect(find()).rejects.toThrow(message);
  });

  it('tells whether its own layer holds whole files', async () => {
    ofNode(`${overlay(join(directory, 'store'))},metacopy=on`);
    const found = await find();
    expect(found.overlay.isPartial).toBe(true);
    expect(layersOf(found, 1)).toEqual({
      own: join(directory, 'store/3/fs'),
      saved: [join(directory, 'store/2/fs')],
      below: [join(directory, 'store/2/fs'), join(directory, 'store/1/fs')],
    });
  });

  it('whose layers lie elsewhere is refused, also by a link', async () => {
    ofNode(overlay('/etc/other'));
    await expect(find()).rejects.toThrow('imageSaver.stores');
    ofNode(overlay(`${join(directory, 'store')}/../../other`));
    await expect(find()).rejects.toThrow('imageSaver.stores');
  });
});
