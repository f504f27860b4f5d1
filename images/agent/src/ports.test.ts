import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Directory } from '../test/directory.ts';
import { Ports } from './ports.ts';

const HEAD = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode';
const ANY = '00000000';
const LOOPBACK = '0100007F';
const LOOPBACK_6 = '00000000000000000000000001000000';

let directory: Directory;
beforeEach(() => {
  directory = new Directory();
  mkdirSync(join(directory.path, 'net'));
});
afterEach(() => directory.remove());

function line(address: string, port: number, inode: number, state = '0A'): string {
  const local = `${address}:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return `   0: ${local} 00000000:0000 ${state} 00000000:00000000 00:00000000 00000000  1000        0 ${inode} 1 0 100`;
}

function table(name: 'tcp' | 'tcp6', ...lines: string[]): void {
  directory.write(join('net', name), [HEAD, ...lines, ''].join('\n'));
}

function program(pid: number, words: string[], inodes: number[]): void {
  const place = join(directory.path, String(pid));
  mkdirSync(join(place, 'fd'), { recursive: true });
  writeFileSync(join(place, 'cmdline'), words.map((word) => `${word}\0`).join(''));
  symlinkSync('/dev/null', join(place, 'fd', '0'));
  inodes.forEach((inode, index) => symlinkSync(`socket:[${inode}]`, join(place, 'fd', String(index + 3))));
}

function ports(...own: number[]): Ports {
  return new Ports({ own: () => new Set(own), proc: directory.path });
}

describe('Ports', () => {
  it('names the programs that listen, of both families, in the order of the ports', () => {
    table('tcp', line(LOOPBACK, 8080, 11), line(LOOPBACK, 40_000, 12, '01'));
    table('tcp6', line(LOOPBACK_6, 3000, 13));
    program(7, ['/opt/venv/bin/python', '-m', 'http.server', '8080'], [11]);
    program(9, ['node', '/data/user/app/server.js'], [13, 12]);
    expect(ports().list()).toEqual([
      { port: 3000, program: 'node server.js' },
      { port: 8080, program: 'python -m http.server' },
    ]);
  });

  it('leaves out the own ports, kernels, parts of VS Code, and what no link leads to', () => {
    table(
      'tcp',
      line(ANY, 7070, 1),
      line(LOOPBACK, 40_001, 2),
      line(LOOPBACK, 40_002, 3),
      line('0B00007F', 53, 4),
      line(ANY, 8501, 5),
    );
    program(20, ['python', '-m', 'ipykernel_launcher', '-f', '/tmp/kernel-1a-2b.json'], [2]);
    // A child that the kernel handed its sockets to.
    program(21, ['sh', '-c', 'sleep 9'], [2]);
    program(30, ['/opt/node', '/usr/lib/code-server/out/node/entry'], [3]);
    program(40, ['streamlit', 'run', '/data/user/jupyter/app.py'], [5]);
    expect(ports(7070).list()).toEqual([{ port: 8501, program: 'streamlit run app.py' }]);
  });

  it('lists a port whose program belongs to somebody else, without a name', () => {
    table('tcp', line(ANY, 80, 5));
    expect(ports().list()).toEqual([{ port: 80, program: null }]);
  });

  it('follows what comes and goes', () => {
    const seen = ports();
    table('tcp', line(ANY, 8000, 11));
    program(7, ['first'], [11]);
    expect(seen.list()).toEqual([{ port: 8000, program: 'first' }]);
    table('tcp', line(ANY, 8000, 12), line(ANY, 8001, 11));
    program(8, ['second'], [12]);
    expect(seen.list()).toEqual([
      { port: 8000, program: 'second' },
      { port: 8001, program: 'first' },
    ]);
    table('tcp');
    expect(seen.list()).toEqual([]);
  });

  it('knows nothing where the kernel does not tell', () => {
    expect(new Ports({ own: () => new Set(), proc: join(directory.path, 'missing') }).list()).toBeNull();
  });

  it('sees a real socket of this very program', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const real = new Ports({ own: () => new Set() });
    expect(real.list()).toContainEqual({ port, program: expect.stringContaining('node') as unknown });
    expect(new Ports({ own: () => new Set([port]) }).list()?.map((one) => one.port)).not.toContain(port);
    await new Promise((resolve) => server.close(resolve));
    expect(real.list()?.map((one) => one.port)).not.toContain(port);
  });
});
