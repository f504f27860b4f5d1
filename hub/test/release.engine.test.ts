import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { AliveCode, ReleaseState } from '@davit/contract';
import {
  LEFT_AFTER_MS,
  releaseBed,
  viewDesktop,
  type Kernel,
  type RealServer,
  type ReleaseBed,
} from './engine/releaseBed.ts';

jest.setTimeout(120_000);

let bed: ReleaseBed;
let lab: RealServer;
let code: RealServer;
let desktop: RealServer;
let kernel: Kernel;

beforeAll(async () => {
  bed = await releaseBed();
  [lab, code, desktop] = await Promise.all([
    bed.start('imgjupyter00'),
    bed.start('img-code-server'),
    bed.start('img-desktop'),
  ]);
  kernel = await lab.kernel();
  // Images are built when they are not there; the command that runs all tests builds them before.
}, 1_200_000);
afterAll(() => bed.dispose());

const EVENTS = '/jupyterlab/api/events/subscribe';
const PORT = 8123;
const ada = () => bed.world.ada;
const report = (server: RealServer): Promise<void> => bed.hub.releases.reportInput(ada(), server.id);
const policy = (server: RealServer, next: ReleaseState['policy']) => bed.hub.releases.setPolicy(ada(), server.id, next);

/** Ends a cell; the next one would be dropped with it if it came before the kernel is idle again. */
async function interrupted(): Promise<void> {
  await kernel.interrupt();
  await lab.untilBecause('leaving');
}

/** Waits until the hub has written down since when nobody is there. */
async function clockRuns(server: RealServer): Promise<void> {
  let last: string | null | undefined;
  await server.eventually(async () => {
    await sleep(1000);
    const before = last;
    last = (await server.get()).release?.leftAt;
    return typeof last === 'string' && last === before;
  });
}

interface Situation {
  on: () => RealServer;
  begin: () => unknown;
  because: AliveCode;
  /** What else is so, compared with the state before. */
  also?: (now: ReleaseState, before: ReleaseState) => void;
  end?: () => unknown;
}

/** What brings each situation about, and what the hub has to make of it. They follow one another on three servers. */
const SITUATIONS: Record<string, Situation> = {
  'nobody has come yet': { on: () => lab, begin: () => undefined, because: 'leaving' },
  'an open page in which a person types': {
    on: () => lab,
    begin: async () => {
      await lab.page(EVENTS);
      await report(lab);
    },
    because: 'input',
  },
  'the same page, untouched for too long': {
    on: () => lab,
    begin: () => undefined,
    because: 'leaving',
    also: (now) => {
      expect(now.pagesOpen).toBe(1);
      expect(Date.parse(now.leftAt!) - Date.parse(now.lastInputAt!)).toBeGreaterThanOrEqual(LEFT_AFTER_MS);
    },
  },
  'the same page, opened anew by hand': { on: () => lab, begin: () => lab.visit('/jupyterlab/lab'), because: 'input' },
  'a page that is closed': {
    on: () => lab,
    begin: () => lab.closePages(),
    because: 'leaving',
    also: (now) => expect(now.pagesOpen).toBe(0),
  },
  'an idle kernel that a page shows, untouched': {
    on: () => lab,
    begin: () => kernel.page(),
    because: 'leaving',
    also: (now) => expect(now.pagesOpen).toBe(1),
    end: () => lab.closePages(),
  },
  'a page whose browser is killed': {
    on: () => lab,
    begin: async () => {
      const browser = await lab.pageProcess(EVENTS);
      await lab.visit('/jupyterlab/lab');
      await lab.untilBecause('input');
      browser.kill('SIGKILL');
    },
    because: 'leaving',
    also: (now) => expect(now.pagesOpen).toBe(0),
  },
  'a kernel that computes, without a page': {
    on: () => lab,
    begin: () => kernel.run('while True: pass'),
    because: 'kernel-busy',
    also: (now) => expect(now.pagesOpen).toBe(0),
    end: interrupted,
  },
  'a kernel that sleeps in its cell, without CPU': {
    on: () => lab,
    begin: () => kernel.run('import time; time.sleep(1000)'),
    because: 'kernel-busy',
  },
  'that kernel, restarted': {
    on: () => lab,
    begin: () => kernel.restart(),
    because: 'leaving',
    also: (now, before) => expect(before.leftAt === null || now.leftAt! > before.leftAt).toBe(true),
  },
  'a cell that prints for ever': {
    on: () => lab,
    begin: () => kernel.run('import time\nwhile True: print("x"); time.sleep(0.2)'),
    because: 'kernel-busy',
    end: interrupted,
  },
  'a program that computes in the background': {
    on: () => lab,
    begin: () => lab.background('while :; do : burner; done'),
    because: 'cpu-busy',
    end: () => lab.end('burner'),
  },
  'a GPU that computes': {
    on: () => lab,
    begin: () => lab.inside(`fs.writeFileSync('/tmp/gpu-percent', '87')`),
    because: 'gpu-busy',
    end: () => lab.inside(`fs.writeFileSync('/tmp/gpu-percent', '0')`),
  },
  'output in a terminal': {
    on: () => code,
    begin: () => code.terminal('while :; do date; sleep 1; done # chatty'),
    because: 'terminal-output',
    end: () => code.end('chatty'),
  },
  'a shell that waits in a terminal': {
    on: () => code,
    begin: async () => {
      await code.terminal('sleep 5000 # waiting');
      // Opening it counts as output for a while.
      await code.untilBecause('terminal-output');
    },
    because: 'leaving',
    end: () => code.end('waiting'),
  },
  'a request to a port': {
    on: () => code,
    begin: () => code.serveApp(PORT),
    because: 'leaving',
    also: (now) => expect(Date.parse(now.leftAt!)).toBeGreaterThanOrEqual(Date.parse(now.lastInputAt!)),
  },
  'a socket to a port': {
    on: () => code,
    begin: async () => {
      await code.request(`/port/${PORT}/`);
      await code.page(`/port/${PORT}/`);
    },
    because: 'input',
    end: () => code.closePages(),
  },
  'a desktop that shows its picture to nobody': {
    on: () => desktop,
    begin: async () => (await viewDesktop(desktop)).look(),
    because: 'leaving',
    also: (now) => expect([now.pagesOpen, now.lastInputAt]).toEqual([1, null]),
    end: () => desktop.closePages(),
  },
  'a desktop in which the pointer moves': {
    on: () => desktop,
    begin: async () => (await viewDesktop(desktop)).move(),
    because: 'input',
    end: () => desktop.closePages(),
  },
  'a person who asked to keep it': {
    on: () => desktop,
    begin: async () => {
      await policy(desktop, '2h');
      await bed.hub.releases.keep(ada(), desktop.id, 5);
    },
    because: 'keep',
    also: (now) => expect(now.releaseAt).toBe(now.keepUntil),
  },
  'the policy `manual`': { on: () => desktop, begin: () => policy(desktop, 'manual'), because: 'manual' },
  'a policy that is shortened while it counts down': {
    on: () => lab,
    begin: async () => {
      await clockRuns(lab);
      await policy(lab, '4h');
    },
    because: 'leaving',
    also: (now) => expect(Date.parse(now.releaseAt!) - Date.parse(now.leftAt!)).toBe(4 * 3_600_000),
  },
  'the policy `automatic`': {
    on: () => lab,
    begin: () => policy(lab, 'automatic'),
    because: 'leaving',
    also: (now) => expect(Date.parse(now.releaseAt!) - Date.now()).toBeLessThanOrEqual(5 * 60_000),
    end: () => policy(lab, '2h'),
  },
  'an image that is being saved': {
    on: () => lab,
    begin: () => bed.saving.add(lab.id),
    because: 'saving',
    end: () => bed.saving.clear(),
  },
  'a hub that was restarted': {
    on: () => lab,
    begin: async () => {
      await clockRuns(lab);
      await bed.restart();
    },
    because: 'leaving',
    also: (now) => expect(Date.parse(now.leftAt!)).toBeLessThan(Date.parse(bed.restartedAt)),
  },
  'an agent that does not answer': {
    on: () => lab,
    begin: () => lab.signalAgent('SIGSTOP'),
    because: 'unknown',
    end: () => lab.signalAgent('SIGCONT'),
  },
  'an agent that answers again': { on: () => lab, begin: () => undefined, because: 'leaving' },
};

/** Where the moment of the release is known; all else keeps the server. */
const COUNTS = new Set<AliveCode>(['leaving', 'keep']);

describe('on real servers', () => {
  it.each(Object.entries(SITUATIONS))('%s', async (_given, { on, begin, because, also, end }) => {
    const server = on();
    const { release: before } = await server.until(({ release }) => release !== null);
    await begin();
    try {
      await server.untilRelease((now) => {
        expect(now.because.code).toBe(because);
        expect(now.releaseAt === null).toBe(!COUNTS.has(because));
        also?.(now, before!);
      });
    } finally {
      await end?.();
    }
  });

  it('the time is up: one warning, then the container is gone, and its run says why', async () => {
    let warned = 0;
    // The clock goes from one moment to the next; whatever the programs inside do of their own puts the end off, as it should.
    for (let turn = 0; turn < 100 && (await lab.get()).phase === 'running'; turn += 1) {
      await policy(lab, 'automatic').catch(() => undefined);
      const { release } = await lab.get();
      const now = Date.now() + bed.ahead;
      const [warnAt = 0, releaseAt = 0] = [release?.warnAt, release?.releaseAt].map((text) => Date.parse(text ?? ''));
      if (warnAt <= now && now < releaseAt) warned += 1;
      const next = [warnAt, releaseAt].find((time) => time > now);
      if (next !== undefined) bed.ahead += next - now;
      await sleep(500);
    }
    expect(warned).toBeGreaterThan(0);
    const gone = await lab.until(({ phase }) => phase === 'stopped');
    expect(gone).toMatchObject({ reasonDetail: { code: 'released' }, release: null });
    const left = await bed.harness.spawner.list(AbortSignal.timeout(20_000));
    expect(left.filter(({ ref }) => ref.serverId === lab.id)).toEqual([]);
    const runs = (await bed.world.runs()).filter((run) => run['server_id'] === lab.id);
    expect(runs.map((run) => run['reason'])).toEqual(['released']);
  });

  it('somebody releases it now: what it held is free as soon as the container is gone', async () => {
    bed.ahead = 0;
    const freed = await bed.hub.releases.release(ada(), code.id);
    expect(freed).toEqual({ resources: { cpu: 1, memoryMb: 1024, gpu: 0 }, gpuIds: [] });
    await code.until(({ phase }) => phase === 'stopped');
    expect(await bed.hub.service.usageOf(ada().userId)).toMatchObject({ servers: 3, cpu: 1 });
  });
});
