import { describe, expect, it } from '@jest/globals';
import { listeningPorts, parseTable, type Proc } from './ports.ts';

const HEAD = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode';
const line = (address: string, state: string, inode: number) =>
  `   0: ${address} 00000000:0000 ${state} 00000000:00000000 00:00000000 00000000  1000        0 ${inode} 1 0 100 0 0 10 0`;

function procOf(files: Record<string, string>, links: Record<string, string>): Proc {
  return {
    read: (path) => Promise.resolve(files[path]),
    list: (path) => {
      const all = [...Object.keys(files), ...Object.keys(links)];
      if (path === '.') return Promise.resolve([...new Set(all.map((one) => one.split('/')[0] ?? ''))]);
      const below = all.filter((one) => one.startsWith(`${path}/`));
      return Promise.resolve(below.map((one) => one.slice(path.length + 1)));
    },
    link: (path) => Promise.resolve(links[path]),
  };
}

describe('parseTable', () => {
  it('finds listening sockets of both families, and nothing else', () => {
    const table = [
      HEAD,
      line('0100007F:1F90', '0A', 11),
      line('0100007F:1F91', '01', 12),
      line('00000000000000000000000000000000:0BB8', '0A', 13),
      '',
    ].join('\n');
    expect(parseTable(table)).toEqual([
      ['11', 8080],
      ['13', 3000],
    ]);
  });
});

describe('listeningPorts', () => {
  it('names the programs of the person and leaves out the parts of the server', async () => {
    const proc = procOf(
      {
        'net/tcp': [HEAD, line('0100007F:1F90', '0A', 11), line('00000000:1B9E', '0A', 12)].join('\n'),
        'net/tcp6': [HEAD, line('00000000000000000000000001000000:0BB8', '0A', 13)].join('\n'),
        '7/cmdline': '/opt/venv/bin/python\0-m\0http.server\x008080\0',
        '1/cmdline': '/opt/davit/bin/node\0/opt/davit/agent.cjs\0',
        '9/cmdline': 'node\0/data/user/app/server.js\0',
      },
      { '7/fd/3': 'socket:[11]', '7/fd/4': '/dev/null', '1/fd/9': 'socket:[12]', '9/fd/20': 'socket:[13]' },
    );
    expect(await listeningPorts(proc)).toEqual([
      { port: 3000, program: 'node server.js' },
      { port: 8080, program: 'python -m http.server' },
    ]);
  });

  it('is empty where the kernel tells nothing', async () => {
    expect(await listeningPorts(procOf({}, {}))).toEqual([]);
  });
});
