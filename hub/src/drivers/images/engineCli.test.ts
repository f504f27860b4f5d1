import { describe, expect, it } from '@jest/globals';
import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ImageBuildError } from './buildError.ts';
import { runBuild, runCommand, type EngineCli } from './engineCli.ts';
import { mmdebstrapArgs } from './osImage.ts';
import { parseStat } from './processTree.ts';

/** A killed process may for a moment be a zombie that nobody has collected yet. */
async function isGone(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return stat === '' || stat.includes(') Z ');
}

describe('runCommand', () => {
  it('gives code, standard output and the last lines of both streams', async () => {
    const lines: string[] = [];
    const result = await runCommand('sh', ['-c', 'echo out; sleep 0.1; echo err >&2; exit 3'], {
      onLine: (line) => lines.push(line),
    });
    expect(result).toEqual({ code: 3, output: 'out', tail: ['out', 'err'] });
    expect(lines).toEqual(['out', 'err']);
  });

  it('keeps only the last 200 lines', async () => {
    const { tail } = await runCommand('seq', ['1000']);
    expect([tail.length, tail[0], tail.at(-1)]).toEqual([200, '801', '1000']);
  });

  it('ends the command and its children when aborted, and tells why', async () => {
    const stop = new AbortController();
    let child = 0;
    const run = runCommand('sh', ['-c', 'sleep 60 & echo $!; wait'], {
      signal: stop.signal,
      onLine: (line) => {
        child = Number(line);
        stop.abort(new Error('not wanted any more'));
      },
    });
    await expect(run).rejects.toThrow('not wanted any more');
    expect(await isGone(child)).toBe(true);
  });

  it('ends what left the process group as well', async () => {
    const stop = new AbortController();
    let child = 0;
    const run = runCommand('sh', ['-c', 'setsid sh -c "echo \\$\\$; sleep 60" & wait; echo cleaned up'], {
      signal: stop.signal,
      onLine: (line) => {
        if (child === 0) stop.abort(new Error('enough'));
        child ||= Number(line);
      },
    });
    await expect(run).rejects.toThrow('enough');
    expect(await isGone(child)).toBe(true);
  });

  it('does not wait for what the command leaves running', async () => {
    const started = Date.now();
    const { output } = await runCommand('sh', ['-c', 'sleep 20 & echo $!']);
    expect(Date.now() - started).toBeLessThan(10_000);
    process.kill(Number(output));
  });

  it('rejects when the program does not exist', async () => {
    await expect(runCommand('/no/such/program', [])).rejects.toThrow('ENOENT');
  });
});

it('reads process rows whatever the name of the program', () => {
  expect(parseStat('12 (a) b (c)) S 3 4 5 0 -1')).toEqual({ pid: 12, parent: 3, group: 4 });
  expect(parseStat('')).toBeUndefined();
});

describe('ImageBuildError', () => {
  it.each([
    ['E: Failed to fetch http://a.example', 'A package mirror could not be reached'],
    ['write /var/lib: no space left on device', 'The disk is full'],
    ['ERROR: BuildKit is enabled but the buildx component is missing or broken.', 'install docker-buildx'],
    ['SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed', 'A certificate was refused'],
    ['make: *** [all] Error 2', 'Start again to try once more'],
  ])('says for %j what to do', (line, advice) => {
    const error = ImageBuildError.of('The build of desktop failed at step 3 of 9', {
      code: 1,
      output: '',
      tail: ['', line, ''],
    });
    expect(error.message).toContain('The build of desktop failed at step 3 of 9 (exit code 1). ');
    expect(error.message).toContain(advice);
    expect(error.message).toMatch(/The log ends with:\n {2}\S/);
  });
});

describe('mmdebstrapArgs', () => {
  it('leaves no package sources of this machine, but keeps the default ones where it has none', () => {
    const hook = (sources: string[]): string =>
      mmdebstrapArgs('os.tar', sources, undefined).find((arg) => arg.startsWith('--customize-hook='))!;
    expect(hook(['a.sources'])).toContain('etc/apt/sources.list.d/*');
    expect(hook([])).not.toContain('sources.list');
    expect(hook([])).toContain('etc/resolv.conf');
    expect(mmdebstrapArgs('os.tar', ['a.sources'], 'apt.conf')).toEqual(
      expect.arrayContaining(['--variant=minbase', '--aptopt=apt.conf', 'bookworm', 'os.tar', 'a.sources']),
    );
  });
});

describe('runBuild', () => {
  /** An engine that is a shell script; `$0` is a file to which each run adds a line. */
  async function engineOf(script: string): Promise<{ engine: EngineCli; runs: () => Promise<number> }> {
    const file = join(await mkdtemp(join(tmpdir(), 'davit-run-build-')), 'runs');
    const engine: EngineCli = {
      kind: 'podman',
      program: 'sh',
      args: ['-c', `echo run >> $0; ${script}`, file],
      env: {},
    };
    return { engine, runs: async () => (await readFile(file, 'utf8')).trim().split('\n').length };
  }
  const RACE = 'Error: checking if cached image exists from a previous build: getting top layer info: layer not known';

  it('goes on when an image that the engine looked at was removed meanwhile', async () => {
    const { engine, runs } = await engineOf(`[ $(wc -l < $0) = 2 ] && exit 0; echo '${RACE}' >&2; exit 125`);
    expect((await runBuild(engine, ['build'])).code).toBe(0);
    expect(await runs()).toBe(2);
  });

  it('gives up when that does not end, and at once for any other reason', async () => {
    const racing = await engineOf(`echo '${RACE}' >&2; exit 125`);
    expect((await runBuild(racing.engine, ['build'])).code).toBe(125);
    expect(await racing.runs()).toBe(5);
    const wrong = await engineOf("echo 'Error: no such step' >&2; exit 1");
    expect((await runBuild(wrong.engine, ['build'])).code).toBe(1);
    expect(await wrong.runs()).toBe(1);
  });
});
