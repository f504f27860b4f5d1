import { describe, expect, it } from '@jest/globals';
import type { Reason } from '@davit/contract';
import type { AgentStatus } from './agentClient.ts';
import type { ServerRow } from './model.ts';
import { plan, planUnreachable, type Action, type AgentView, type ServerView } from './plan.ts';
import { diskNearlyFull, engineUnreachable, programOutOfMemory, startingEditor } from './reasons.ts';
import type { ObservedServer } from './spawner.ts';

const T = new Date('2030-01-01T12:00:00Z');
const ago = (seconds: number): Date => new Date(T.getTime() - seconds * 1000);

const row = (changes: Partial<ServerRow> = {}): ServerRow => ({
  id: 'server000001',
  ownerId: 'ada000000000',
  name: 'work',
  imageId: 'image0000000',
  imageRef: 'ref',
  imageDigest: 'sha256:1',
  editors: ['jupyterlab'],
  basePath: '',
  cpu: 1,
  memoryMb: 1024,
  gpu: 0,
  gpuIds: [],
  placement: null,
  desired: 'running',
  generation: 2,
  phase: 'starting',
  reason: null,
  progress: null,
  reserved: true,
  queuedAt: ago(20),
  admittedAt: ago(19),
  engineId: null,
  exitCode: null,
  createdAt: ago(100),
  startedAt: null,
  readyAt: null,
  endedAt: null,
  deletedAt: null,
  releasePolicy: '24h',
  keepUntil: null,
  lastInputAt: null,
  leftAt: null,
  warnedAt: null,
  version: 7,
  ...changes,
});

const adopted = (changes: Partial<ServerRow> = {}): ServerRow =>
  row({ engineId: 'c2', startedAt: ago(10), reason: startingEditor(['jupyterlab']), ...changes });
const ready = (changes: Partial<ServerRow> = {}): ServerRow =>
  adopted({ phase: 'running', readyAt: ago(5), reason: null, ...changes });
const stopped = (changes: Partial<ServerRow> = {}): ServerRow =>
  row({ desired: 'stopped', phase: 'stopping', ...changes });
const deleting = (changes: Partial<ServerRow> = {}): ServerRow =>
  row({ desired: 'deleted', phase: 'deleting', ...changes });

const container = (changes: Partial<ObservedServer> = {}): ObservedServer => ({
  ref: { serverId: 'server000001', engineId: 'c2' },
  ownerId: 'ada000000000',
  generation: 2,
  state: 'running',
  createdAt: ago(12),
  startedAt: ago(10),
  ...changes,
});
const exited = (exitCode: number, changes: Partial<ObservedServer> = {}): ObservedServer =>
  container({ state: 'exited', exitCode, finishedAt: ago(1), ...changes });
const old = container({ ref: { serverId: 'server000001', engineId: 'c1' }, generation: 1 });

const agent = (
  editors: Partial<AgentStatus['editors'][number]>[],
  {
    oomKills = 0,
    killed = undefined as number | undefined,
    answered = 1,
    since = 10,
  }: { oomKills?: number; killed?: number; answered?: number; since?: number } = {},
): AgentView => ({
  since: ago(since),
  answeredAt: ago(answered),
  oomKilledAt: killed === undefined ? undefined : ago(killed),
  status: {
    contract: 1,
    startedAt: ago(10).toISOString(),
    editors: editors.map((editor) => ({ name: 'jupyterlab', phase: 'ready', restarts: 0, ...editor })),
    memory: { usedBytes: 1, limitBytes: null },
    oomKills,
    cpuUsageUs: null,
    activity: { lastInputAt: null, pagesOpen: 0, busy: null, busyReason: null, lastOutputAt: null },
  },
});
const unanswered = (since = 1): AgentView => ({
  since: ago(since),
  answeredAt: undefined,
  status: undefined,
  oomKilledAt: undefined,
});

/** An action in one line: its kind, what it writes that matters here, and its container. */
function words(action: Action | undefined): string {
  if (action === undefined) return 'nothing';
  if (action.kind === 'start') return 'start';
  const { desired, phase, reason, reserved, deletedAt } = action.patch;
  const patch = [
    desired !== undefined && `desired=${desired}`,
    phase !== undefined && `phase=${phase}`,
    reason !== undefined && `reason=${reason?.code ?? 'none'}`,
    reserved === false && 'released',
    deletedAt !== undefined && 'gone',
  ].filter((part) => part !== false);
  if (action.kind === 'retire') return ['retire', action.container.ref.engineId, action.end.reason, ...patch].join(' ');
  const opens = action.opens === undefined ? [] : [`opens ${action.opens.ref.engineId}`];
  const closes = action.closes === undefined ? [] : [`closes ${action.closes.reason}`];
  return ['update', ...patch, ...opens, ...closes].join(' ');
}

type Case = [name: string, view: Partial<ServerView> & { row: ServerRow }, expected: string];

const cases: Case[] = [
  // Wanted, no container.
  ['waits for its admission', { row: row({ phase: 'queued', admittedAt: null }) }, 'nothing'],
  ['starts when admitted', { row: row() }, 'start'],
  ['pauses after a failed try', { row: row(), retryAt: new Date(T.getTime() + 1) }, 'nothing'],
  ['tries again after the pause', { row: row(), retryAt: T }, 'start'],
  ['waits while a known container is missing', { row: adopted(), missingSince: ago(9) }, 'nothing'],
  ['does not call a container lost at first sight', { row: adopted() }, 'nothing'],
  [
    'is failed when its container stays missing',
    { row: ready(), missingSince: ago(10) },
    'update desired=stopped phase=failed reason=lost released closes lost',
  ],
  // Wanted, container of an older generation.
  ['removes the old container first', { row: row(), containers: [old] }, 'retire c1 replaced'],
  ['removes the old one beside the new one', { row: ready(), containers: [container(), old] }, 'retire c1 replaced'],
  ['leaves a newer one to the sweeper', { row: row(), containers: [container({ generation: 3 })] }, 'start'],
  // Wanted, container there.
  ['finishes a half-made container', { row: row(), containers: [container({ state: 'created' })] }, 'start'],
  [
    'finishes it even when the row knows it',
    { row: adopted(), containers: [container({ state: 'created' })] },
    'start',
  ],
  [
    'adopts a container that the row does not know',
    { row: row(), containers: [container()] },
    'update phase=starting reason=starting-editor opens c2',
  ],
  [
    'opens the run of one whose start it did not see',
    { row: row({ engineId: 'c2' }), containers: [container()] },
    'update phase=starting reason=starting-editor opens c2',
  ],
  ['waits for the agent', { row: adopted(), containers: [container()], agent: unanswered() }, 'nothing'],
  [
    'waits for the editor',
    { row: adopted(), containers: [container()], agent: agent([{ phase: 'starting' }]) },
    'nothing',
  ],
  [
    'runs when the editor is ready',
    { row: adopted(), containers: [container()], agent: agent([{}]) },
    'update phase=running reason=none',
  ],
  [
    'runs when one of two is ready',
    {
      row: adopted({ editors: ['jupyterlab', 'desktop'] }),
      containers: [container()],
      agent: agent([{ name: 'desktop' }, { phase: 'failed', restarts: 9 }]),
    },
    'update phase=running reason=none',
  ],
  [
    'believes only in editors that the image declares',
    { row: adopted(), containers: [container()], agent: agent([{ name: 'desktop' }]) },
    'nothing',
  ],
  [
    'without editors runs when the agent answers',
    { row: adopted({ editors: [] }), containers: [container()], agent: agent([]) },
    'update phase=running reason=none',
  ],
  ['has nothing to do while it runs', { row: ready(), containers: [container()], agent: agent([{}]) }, 'nothing'],
  [
    'stays running for a hub that just came',
    { row: ready(), containers: [container()], agent: unanswered() },
    'nothing',
  ],
  ['stays running without any agent asked', { row: ready(), containers: [container()] }, 'nothing'],
  [
    'comes back from unknown',
    { row: ready({ phase: 'unknown', reason: engineUnreachable() }), containers: [container()], agent: agent([{}]) },
    'update phase=running reason=none',
  ],
  [
    'comes back from unknown before the agent is asked',
    { row: ready({ phase: 'unknown', reason: engineUnreachable() }), containers: [container()] },
    'update phase=running reason=none',
  ],
  [
    'tells that the editor restarts',
    { row: ready(), containers: [container()], agent: agent([{ phase: 'starting', restarts: 1 }]) },
    'update phase=starting reason=starting-editor',
  ],
  [
    'is never ended for crashes once it was ready',
    { row: ready(), containers: [container()], agent: agent([{ phase: 'failed', restarts: 99 }]) },
    'update phase=starting reason=editor-failed',
  ],
  [
    'stays running through a short silence',
    { row: ready(), containers: [container()], agent: agent([{}], { answered: 119 }) },
    'nothing',
  ],
  [
    'is unknown after a long silence, and not ended',
    { row: ready(), containers: [container()], agent: agent([{}], { answered: 121 }) },
    'update phase=unknown reason=agent-silent',
  ],
  [
    'tells that a program in it was killed, and goes on',
    { row: ready(), containers: [container()], agent: agent([{}], { oomKills: 1, killed: 3599 }) },
    'update phase=running reason=out-of-memory',
  ],
  [
    'tells it once',
    {
      row: ready({ reason: programOutOfMemory(1024, 1) }),
      containers: [container()],
      agent: agent([{}], { oomKills: 1, killed: 2 }),
    },
    'nothing',
  ],
  [
    'tells of one more',
    {
      row: ready({ reason: programOutOfMemory(1024, 1) }),
      containers: [container()],
      agent: agent([{}], { oomKills: 2, killed: 2 }),
    },
    'update phase=running reason=out-of-memory',
  ],
  [
    'forgets it after an hour',
    {
      row: ready({ reason: programOutOfMemory(1024, 1) }),
      containers: [container()],
      agent: agent([{}], { oomKills: 1, killed: 3600 }),
    },
    'update phase=running reason=none',
  ],
  [
    'keeps telling it for a hub that just came',
    { row: ready({ reason: programOutOfMemory(1024, 1) }), containers: [container()], agent: unanswered() },
    'nothing',
  ],
  [
    'says rather that the editor restarts',
    {
      row: ready(),
      containers: [container()],
      agent: agent([{ phase: 'starting', restarts: 1 }], { oomKills: 1, killed: 2 }),
    },
    'update phase=starting reason=starting-editor',
  ],
  [
    'says nothing of a disk that it has used little of',
    { row: ready(), containers: [container()], agent: agent([{}]), disk: { usedMb: 899, limitMb: 1000 } },
    'nothing',
  ],
  [
    'warns from 90 % of the disk limit, before it tells of memory',
    {
      row: ready(),
      containers: [container()],
      agent: agent([{}], { oomKills: 1, killed: 2 }),
      disk: { usedMb: 900, limitMb: 1000 },
    },
    'update phase=running reason=disk-limit',
  ],
  [
    'warns once for each percent',
    {
      row: ready({ reason: diskNearlyFull(95, 1000) }),
      containers: [container()],
      agent: agent([{}]),
      disk: { usedMb: 959, limitMb: 1000 },
    },
    'nothing',
  ],
  [
    'takes the warning back',
    {
      row: ready({ reason: diskNearlyFull(95, 1000) }),
      containers: [container()],
      agent: agent([{}]),
      disk: { usedMb: 10, limitMb: 1000 },
    },
    'update phase=running reason=none',
  ],
  [
    'goes on at the limit itself',
    {
      row: ready({ reason: diskNearlyFull(100, 1000) }),
      containers: [container()],
      agent: agent([{}]),
      disk: { usedMb: 1000, limitMb: 1000 },
    },
    'nothing',
  ],
  // Wanted, but hopeless.
  [
    'is ended above the disk limit',
    { row: ready(), containers: [container()], agent: agent([{}]), disk: { usedMb: 1001, limitMb: 1000 } },
    'retire c2 disk-limit desired=stopped phase=failed reason=disk-limit',
  ],
  [
    'fails when the editor crashes at each start',
    {
      row: adopted(),
      containers: [container()],
      agent: agent([{ phase: 'failed', restarts: 5, message: 'no module' }]),
    },
    'retire c2 editor-failed desired=stopped phase=failed reason=editor-failed',
  ],
  [
    'blames the memory when that killed it',
    { row: adopted(), containers: [container()], agent: agent([{ phase: 'failed', restarts: 5 }], { oomKills: 5 }) },
    'retire c2 out-of-memory desired=stopped phase=failed reason=out-of-memory',
  ],
  [
    'does not fail while one editor still tries',
    {
      row: adopted({ editors: ['jupyterlab', 'desktop'], reason: startingEditor(['jupyterlab', 'desktop']) }),
      containers: [container()],
      agent: agent([{ phase: 'starting' }, { name: 'desktop', phase: 'starting', restarts: 1 }]),
    },
    'nothing',
  ],
  [
    'fails when it takes too long',
    { row: adopted({ startedAt: ago(301) }), containers: [container()], agent: unanswered(61) },
    'retire c2 too-slow desired=stopped phase=failed reason=too-slow',
  ],
  [
    'is given a fair chance by a hub that just came',
    { row: adopted({ startedAt: ago(9999) }), containers: [container()], agent: unanswered(59) },
    'nothing',
  ],
  // Wanted, but ended.
  [
    'fails with its exit code',
    { row: ready(), containers: [exited(1)] },
    'retire c2 exited desired=stopped phase=failed reason=exited',
  ],
  [
    'fails for memory when the engine says so',
    { row: ready(), containers: [exited(137, { outOfMemory: true })] },
    'retire c2 out-of-memory desired=stopped phase=failed reason=out-of-memory',
  ],
  [
    'fails for memory when the agent counted kills before',
    { row: ready(), containers: [exited(137)], agent: agent([{}], { oomKills: 1 }) },
    'retire c2 out-of-memory desired=stopped phase=failed reason=out-of-memory',
  ],
  [
    'does not blame the memory for being killed',
    { row: ready(), containers: [exited(137)], agent: agent([{}]) },
    'retire c2 exited desired=stopped phase=failed reason=exited',
  ],
  // Not wanted.
  ['is at rest', { row: stopped({ phase: 'stopped', reserved: false }) }, 'nothing'],
  ['is at rest after a failure', { row: stopped({ phase: 'failed', reserved: false }) }, 'nothing'],
  ['ends its container', { row: stopped({ engineId: 'c2' }), containers: [container()] }, 'retire c2 stopped'],
  [
    'ends one that was only made',
    { row: stopped(), containers: [container({ state: 'created' })] },
    'retire c2 stopped',
  ],
  [
    'ends one that comes late',
    { row: stopped({ phase: 'stopped', reserved: false }), containers: [container()] },
    'retire c2 stopped',
  ],
  ['is stopped when nothing is left', { row: stopped() }, 'update phase=stopped reason=none released'],
  [
    'ends the run of a container that went by itself',
    { row: stopped({ engineId: 'c2' }) },
    'update phase=stopped reason=none released closes stopped',
  ],
  ['keeps telling why it failed', { row: stopped({ phase: 'failed' }) }, 'update released'],
  [
    'removes the container of a failure',
    { row: stopped({ phase: 'failed' }), containers: [exited(1)] },
    'retire c2 stopped',
  ],
  ['removes a container before it is deleted', { row: deleting(), containers: [container()] }, 'retire c2 deleted'],
  ['removes an old container before it is deleted', { row: deleting(), containers: [old] }, 'retire c1 deleted'],
  ['is gone when nothing is left', { row: deleting() }, 'update phase=deleting reason=none released gone'],
];

describe('plan: a server', () => {
  it.each(cases)('%s', (_, { row: server, ...view }, expected) => {
    const action = plan(
      {
        row: server,
        containers: [],
        agent: undefined,
        disk: undefined,
        missingSince: undefined,
        retryAt: undefined,
        ...view,
      },
      T,
    );
    expect(words(action)).toBe(expected);
  });

  it('that failed keeps the engine’s own end, its exit code and its resources', () => {
    const view = {
      row: ready(),
      containers: [exited(3)],
      agent: undefined,
      disk: undefined,
      missingSince: undefined,
      retryAt: undefined,
    };
    const action = plan(view, T) as Action & { kind: 'retire' };
    expect(action.patch).toMatchObject({ exitCode: 3, endedAt: ago(1) });
    expect(action.patch.reserved).toBeUndefined();
    expect(action.end).toEqual({ endedAt: ago(1), exitCode: 3, reason: 'exited' });
  });

  it('prefers the container that it knows', () => {
    const twin = container({ ref: { serverId: 'server000001', engineId: 'twin' }, state: 'exited', exitCode: 1 });
    const view = { row: ready(), containers: [twin, container()], agent: agent([{}]), missingSince: undefined };
    expect(plan({ ...view, disk: undefined, retryAt: undefined }, T)).toBeUndefined();
  });
});

describe('what the engine tells of a container beyond its state', () => {
  const told = (code: Reason['code']): Reason => ({ code, message: `${code}.`, params: {} });
  const view = (server: ServerRow, one: ObservedServer): ServerView => ({
    row: server,
    containers: [one],
    agent: undefined,
    disk: undefined,
    missingSince: undefined,
    retryAt: undefined,
  });
  const created = container({ state: 'created', startedAt: undefined, reason: told('pulling-image') });

  it('is what a start waits for, and nothing is made again', () => {
    expect(plan(view(row(), created), T)).toMatchObject({
      kind: 'update',
      patch: { engineId: 'c2', phase: 'starting', reason: told('pulling-image'), admittedAt: ago(19) },
    });
    const waiting = row({ engineId: 'c2', reason: told('pulling-image') });
    expect(plan(view(waiting, created), T)).toBeUndefined();
  });

  it('makes a running one unknown, and never ends it, however long it does not come up', () => {
    const silent = container({ reason: told('engine-unreachable'), startedAt: ago(9000) });
    expect(words(plan(view(ready(), silent), T))).toBe('update phase=unknown reason=engine-unreachable');
    const starting = adopted({ startedAt: ago(9000) });
    expect(words(plan({ ...view(starting, silent), agent: unanswered(9000) }, T))).toBe(
      'update phase=unknown reason=engine-unreachable',
    );
  });

  it('is why one has ended, unless it was for lack of memory', () => {
    const evicted = exited(137, { reason: told('disk-limit') });
    expect(words(plan(view(ready(), evicted), T))).toBe(
      'retire c2 disk-limit desired=stopped phase=failed reason=disk-limit',
    );
    expect(words(plan(view(ready(), { ...evicted, outOfMemory: true }), T))).toContain('reason=out-of-memory');
  });
});

describe('while the engine does not answer', () => {
  const unreachable: [string, ServerRow, string][] = [
    ['a running server is unknown', ready(), 'update phase=unknown reason=engine-unreachable'],
    ['that is written once', ready({ phase: 'unknown', reason: engineUnreachable() }), 'nothing'],
    [
      'a queued one stays queued and tells why',
      row({ phase: 'queued', admittedAt: null }),
      'update reason=engine-unreachable',
    ],
    ['one without container stays starting', row(), 'update reason=engine-unreachable'],
    ['a stopping one stays stopping', stopped({ engineId: 'c2' }), 'update reason=engine-unreachable'],
    ['a failed one keeps its reason', stopped({ phase: 'failed' }), 'nothing'],
  ];
  it.each(unreachable)('%s', (_, server, expected) => {
    expect(words(planUnreachable(server))).toBe(expected);
  });
});
