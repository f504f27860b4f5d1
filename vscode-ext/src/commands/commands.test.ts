import { ApiError, type AnyRoute, type ApiClient, type ChangeEvent } from '@davit/contract';
import { describe, expect, it } from '@jest/globals';
import { TestClock } from '../../test/clock.ts';
import { chinese, comingRelease, english, image, job, releaseState, server } from '../../test/samples.ts';
import { Hub } from '../hub/hub.ts';
import { createModel } from '../hub/model.ts';
import { Signal } from '../base/signal.ts';
import type { Losses } from '../release/losses.ts';
import type { Row } from '../rows/row.ts';
import type { CommandContext } from './context.ts';
import type { Choice, Desk } from './desk.ts';
import { failureText } from './failure.ts';
import { COMMANDS, runCommand } from './registry.ts';
import { warnOfRelease } from './serverCommands.ts';

const { texts } = english;
const nothing: Losses = { unsaved: [], terminals: [], tasks: [], debugging: [], notebooks: [] };
const info = {
  api: 1 as const,
  version: '1',
  hubUrl: 'http://hub.test/',
  user: { id: 'bbbbbbbbbbbb', name: 'ada' },
  server: { id: 'aaaaaaaaaaaa', name: 'lab', phase: 'running' as const },
};

interface Asked {
  route: string;
  input: unknown;
}

/** A window with a hub that answers as told; `answers` are what the person chooses, in order. */
async function setUp(answers: (string | undefined)[] = [], losses: Losses = nothing) {
  const said: string[] = [];
  const asked: Asked[] = [];
  const replies: Record<string, unknown> = {
    getServer: server({ release: comingRelease }),
    listImages: { items: [image()], nextCursor: null },
    listImageJobs: { items: [job()], nextCursor: null },
    getRelease: { state: comingRelease, allowed: ['2h', 'manual'] },
    releaseServer: { resources: { cpu: 4, memoryMb: 16_384, gpu: 1 }, gpuIds: ['a'] },
    openServer: { url: 'http://s-a.hub.test/jupyterlab/' },
    exportUsage: 'user,server\n',
  };
  const call = ((route: AnyRoute, input: unknown) => {
    asked.push({ route: route.name, input });
    const reply = replies[route.name];
    if (typeof reply === 'function') return Promise.resolve((reply as (input: unknown) => unknown)(input));
    return reply instanceof Error ? Promise.reject(reply) : Promise.resolve(reply);
  }) as ApiClient;
  const answer = (...shown: string[]) => {
    said.push(shown.join(' | '));
    return Promise.resolve(answers.shift());
  };
  const desk: Desk = {
    inform: answer,
    warn: answer,
    fail: answer,
    ask: answer,
    choose: async <T>(title: string, choices: readonly Choice<T>[]) => {
      const wanted = await answer(title, ...choices.map(({ label }) => label));
      return choices.find(({ label }) => label === wanted)?.value;
    },
    write: async (title, value, check) => {
      const text = await answer(title, value);
      const wrong = text === undefined ? undefined : check(text);
      if (wrong !== undefined) said.push(wrong);
      return wrong === undefined ? text : undefined;
    },
    during: (_, work) => work,
    copy: async (text) => await answer('copy', text).then(() => undefined),
    open: async (url) => await answer('open', url).then(() => undefined),
    saveFile: (name, content) => answer('file', name, content),
    losses: () => losses,
    saveAll: async () => (await answer('save all')) === 'yes',
    run: async (command) => await answer('run', command).then(() => undefined),
  };
  const panel = (name: string) => () => void said.push(name);
  const panels = {
    showUsage: panel('usage'),
    showSave: panel('form'),
    showLog: panel('log'),
    followSave: panel('follow'),
  };
  const clock = new TestClock();
  const live = {
    connected: new Signal(),
    ended: new Signal(),
    change: new Signal<ChangeEvent>(),
    dispose: () => undefined,
  };
  const hub = new Hub({ clock, connect: { ask: () => Promise.resolve(info), live: () => live } });
  const model = createModel(hub, call, clock);
  await hub.connect();
  const context: CommandContext = { hub, model, call, desk, panels, language: english };
  const run = (id: string, row?: Row) => {
    const command = COMMANDS[id];
    if (command === undefined) throw new Error(`no ${id}`);
    return runCommand(command, context, row);
  };
  const calls = () => asked.filter(({ route }) => !route.startsWith('get') && !route.startsWith('list'));
  return { said, asked, calls, context, replies, run, hub };
}

const imageRow: Row = { id: 'x', label: 'env:1', target: { kind: 'image', id: 'dddddddddddd' } };
const jobRow: Row = { id: 'x', label: 'env:2', target: { kind: 'job', id: 'eeeeeeeeeeee' } };
const params = { id: 'aaaaaaaaaaaa' };

describe('release', () => {
  it('asks first, with what would be lost, and tells what is free again', async () => {
    const { said, calls, run } = await setUp([texts.release.submit], { ...nothing, terminals: ['bash'] });
    expect(await run('davit.releaseServer')).toEqual({ ok: true });
    expect(said[0]).toContain('Release lab?');
    expect(said[0]).toContain('terminal bash');
    expect(said[0]).not.toContain(texts.release.saveAllSubmit);
    expect(calls()).toEqual([{ route: 'releaseServer', input: { params } }]);
    expect(said[1]).toBe('Released. Free again: 4 CPU · 16 GiB · 1 GPU.');
  });

  it.each(['davit.releaseServer', 'davit.resetServer'])('names saves and what else works in it: %s', async (id) => {
    const { said, run, replies } = await setUp();
    replies['getServer'] = server({
      release: releaseState({ policy: 'manual', because: { code: 'gpu-busy', message: '', params: {} } }),
    });
    await run(id);
    expect(said[0]).toContain('It is being saved as env:2. The save fails when the server ends now.');
    expect(said[0]).toContain('Something is still going on in it: GPU computing.');
    replies['listImageJobs'] = new Error('The database is away.');
    await run(id);
    expect(said[1]).toContain('GPU computing');
    expect(said[1]).not.toContain('env:2');
  });

  it('does nothing when it is cancelled', async () => {
    const { calls, run } = await setUp([undefined]);
    expect(await run('davit.releaseServer')).toEqual({ cancelled: true });
    expect(calls()).toEqual([]);
  });

  it('saves all files first when asked to', async () => {
    const { said, calls, run } = await setUp([texts.release.saveAllSubmit, 'yes'], { ...nothing, unsaved: ['a.py'] });
    await run('davit.releaseServer');
    expect(said[1]).toBe('save all');
    expect(calls()).toHaveLength(1);
  });

  it('goes no further when not all could be saved', async () => {
    const { said, calls, run } = await setUp([texts.release.saveAllSubmit, 'no'], { ...nothing, unsaved: ['a.py'] });
    await run('davit.releaseServer');
    expect(said.at(-1)).toBe(texts.release.notAllSaved);
    expect(calls()).toEqual([]);
  });

  it('says of a reset that nothing was reset when not all could be saved', async () => {
    const { said, calls, run } = await setUp([texts.release.saveAllReset, 'no'], { ...nothing, unsaved: ['a.py'] });
    await run('davit.resetServer');
    expect(said.at(-1)).toBe('Not everything could be saved, so nothing was reset.');
    expect(calls()).toEqual([]);
  });

  it('leads to the form instead, when the person would rather save', async () => {
    const { said, calls, run } = await setUp([texts.release.saveImage]);
    expect(await run('davit.resetServer')).toEqual({ cancelled: true });
    expect(said.at(-1)).toBe('run | davit.saveImage');
    expect(calls()).toEqual([]);
  });

  it('warns with Keep and Release now', async () => {
    const { said, context } = await setUp([texts.release.keep]);
    await context.model.server.refresh();
    await warnOfRelease(context, comingRelease);
    expect(said[0]).toMatch(/^lab is released in .*\| Keep 2 h \| Release now$/);
    expect(said[1]).toBe('run | davit.keepServer');
  });

  it('keeps for two hours', async () => {
    const { said, calls, run } = await setUp();
    await run('davit.keepServer');
    expect(calls()).toEqual([{ route: 'keepServer', input: { params, body: { hours: 2 } } }]);
    expect(said).toEqual(['Kept for 2 h from now.']);
  });

  it('lets choose among the allowed policies', async () => {
    const { said, calls, run } = await setUp([texts.release.policies.manual]);
    await run('davit.choosePolicy');
    expect(said[0]).toBe(`${texts.release.choosePolicy} | 2 hours after you leave | only by hand`);
    expect(calls()).toEqual([{ route: 'setReleasePolicy', input: { params, body: { policy: 'manual' } } }]);
  });
});

describe('images', () => {
  it('are deleted after a question; the hub’s refusal names the servers', async () => {
    const { said, calls, run, replies } = await setUp([texts.images.deleteSubmit]);
    replies['deleteImage'] = new ApiError({
      type: '',
      title: '',
      status: 409,
      code: 'conflict',
      detail: 'Servers still use this image.',
      requestId: '',
      details: {
        servers: [
          { id: 'x', name: 'lab' },
          { id: 'y', name: 'other' },
        ],
      },
    });
    expect(await run('davit.deleteImage', imageRow)).toHaveProperty('error');
    expect(calls()).toEqual([{ route: 'deleteImage', input: { params: { id: 'dddddddddddd' } } }]);
    expect(said[0]).toMatch(/^Delete env:1\?/);
    expect(said[1]).toBe('Servers still use this image. These servers use it: lab, other');
  });

  it.each([
    ['first\nsecond', 'first ↵ second', 'first ↵ 2nd ↵ ↵ third', 'first\n2nd\n\nthird'],
    ['one line', 'one line', 'another', 'another'],
    ['a\r\nb\r\n', 'a ↵ b ↵', 'a ↵ b ↵', 'a\nb\n'],
  ])('keep the lines of their description: %j', async (before, shown, written, after) => {
    const { said, calls, run, replies } = await setUp([written]);
    replies['listImages'] = { items: [image({ description: before })], nextCursor: null };
    await run('davit.describeImage', imageRow);
    expect(said[0]).toBe(`Description of env:1 (↵ begins a new line) | ${shown}`);
    expect(calls()[0]?.input).toEqual({ params: { id: 'dddddddddddd' }, body: { description: after } });
  });

  it('of one’s own are all there though there are more of others than a panel shows', async () => {
    const { context, asked, replies } = await setUp();
    const own = image({ id: 'ownown000000', name: 'zebra' });
    let page = 0;
    replies['listImages'] = ({ query }: { query: { origin?: string } }) =>
      query.origin === 'own'
        ? { items: [image(), own], nextCursor: null }
        : { items: [image(), image({ id: `other${page++}`, origin: 'public' })], nextCursor: 'more' };
    await context.model.images.refresh();
    expect(context.model.images.value?.map(({ id }) => id)).toEqual([
      'dddddddddddd',
      'ownown000000',
      ...['other0', 'other1', 'other2', 'other3', 'other4'],
    ]);
    replies['listImages'] = { items: [image()], nextCursor: null };
    asked.length = 0;
    await context.model.images.refresh();
    expect(asked).toHaveLength(1);
  });

  it('are published after a word on what that means', async () => {
    const { calls, run } = await setUp([texts.images.publishSubmit]);
    await run('davit.publishImage', imageRow);
    expect(calls()).toEqual([
      { route: 'updateImage', input: { params: { id: 'dddddddddddd' }, body: { visibility: 'public' } } },
    ]);
  });

  it('are shared with one more group, keeping the others', async () => {
    const shares = [{ kind: 'user' as const, id: 'ffffffffffff', name: 'grace' }];
    const { calls, run, replies } = await setUp([`$(organization) ${texts.images.shareGroup}`, ' lab ']);
    replies['listImages'] = { items: [image({ shares })], nextCursor: null };
    await run('davit.shareImage', imageRow);
    const expected = [
      { kind: 'user', name: 'grace' },
      { kind: 'group', name: 'lab' },
    ];
    expect(calls()).toEqual([
      { route: 'shareImage', input: { params: { id: 'dddddddddddd' }, body: { shares: expected } } },
    ]);
  });

  it('are picked by name from the palette', async () => {
    const { said, run } = await setUp(['env:1']);
    await run('davit.copyImageName');
    expect(said[0]).toBe(`${texts.images.pick} | env:1`);
    expect(said[1]).toBe('copy | ada/env:1');
  });
});

describe('saves', () => {
  it('are cancelled after a question', async () => {
    const { calls, run } = await setUp([texts.save.cancelSubmit]);
    await run('davit.cancelSave', jobRow);
    expect(calls()).toEqual([{ route: 'cancelImageJob', input: { params: { id: 'eeeeeeeeeeee' } } }]);
  });

  it('say calmly that there is none', async () => {
    const { said, run, replies } = await setUp();
    replies['listImageJobs'] = { items: [job({ phase: 'done' })], nextCursor: null };
    await run('davit.cancelSave');
    expect(said).toEqual([texts.save.noneActive]);
  });

  it('begin with the form', async () => {
    const { said, run } = await setUp();
    await run('davit.saveImage');
    expect(said).toEqual(['form']);
  });
});

describe('the way out', () => {
  it('opens and copies what the hub says: an app by its port, another editor', async () => {
    const { said, calls, run, replies } = await setUp();
    const port = { id: 'x', label: '8080', target: { kind: 'port', port: 8080 } } as const;
    await run('davit.openEditor', { id: 'x', label: 'JupyterLab', target: { kind: 'editor', editor: 'jupyterlab' } });
    replies['openServer'] = { url: 'http://s-a.hub.test/port/8080/' };
    await run('davit.openPort', port);
    await run('davit.copyPortAddress', port);
    await run('davit.copyPortAddress');
    expect(said).toEqual([
      'open | http://s-a.hub.test/jupyterlab/',
      'open | http://s-a.hub.test/port/8080/',
      'copy | http://s-a.hub.test/port/8080/',
      texts.server.addressCopied('http://s-a.hub.test/port/8080/'),
    ]);
    expect(calls().map(({ input }) => (input as { body: unknown }).body)).toEqual([
      { editor: 'jupyterlab' },
      { port: 8080 },
      { port: 8080 },
    ]);
  });

  it('asks for a port that is in no list', async () => {
    const { said, calls, run } = await setUp([' 6006 ']);
    expect(await run('davit.openPort')).toEqual({ ok: true });
    expect(said).toEqual([`${texts.server.askPort} | 8080`, 'open | http://s-a.hub.test/jupyterlab/']);
    expect(calls()).toEqual([{ route: 'openServer', input: { params, body: { port: 6006 } } }]);
  });

  it.each(['', '0', '65536', '80a', '-1', '1e3', '80.5'])('takes no %j for a port', async (text) => {
    const { said, calls, run } = await setUp([text]);
    expect(await run('davit.openPort')).toEqual({ cancelled: true });
    expect(said.at(-1)).toBe(texts.server.badPort);
    expect(calls()).toEqual([]);
  });

  it('writes the usage into a file', async () => {
    const { said, run } = await setUp(['usage.csv']);
    await run('davit.exportUsage');
    expect(said).toEqual(['file | usage.csv | user,server\n', texts.usage.exported('usage.csv')]);
  });

  it('runs what was chosen from the menu of the status bar', async () => {
    const { said, run } = await setUp([`$(graph) ${texts.menu.usage}`]);
    await run('davit.showMenu');
    expect(said.at(-1)).toBe('run | davit.showUsage');
  });
});

describe('failures', () => {
  const refusal = (detail: string, path: string, message: string) =>
    new ApiError({
      ...{ type: '', title: '', status: 400, code: 'bad-request', requestId: '', detail },
      fields: [{ path, message }],
    });

  it.each([
    [
      refusal('Not known: bob. Check the spelling.', 'shares.1.name', 'is not the name of a person'),
      'Not known: bob. Check the spelling.',
    ],
    [
      refusal('The request is not valid. shares.1.name: is too long', 'shares.1.name', 'is too long'),
      'The request is not valid. Name: is too long',
    ],
    [refusal('The request is not valid. odd: is bad', 'odd', 'is bad'), 'The request is not valid. odd: is bad'],
  ])('name fields in plain words, and nothing twice: %#', async (error, words) => {
    const { said, run, replies } = await setUp();
    replies['keepServer'] = error;
    await run('davit.keepServer');
    expect(said).toEqual([words]);
  });

  it('name fields in Chinese as well', () => {
    const error = refusal('请求无效。shares.1.name：过长', 'shares.1.name', '过长');
    expect(failureText(error, chinese.texts)).toBe('请求无效。名称：过长');
  });

  it('are told in words when nothing answers', async () => {
    const { said, run, replies } = await setUp();
    replies['keepServer'] = new TypeError('fetch failed');
    await run('davit.keepServer');
    expect(said).toEqual([texts.connection.noAnswer]);
  });
});
