import type { Image, ImageJob, ReleaseState, Server, ServerMetrics, UsageRow, UsageSummary } from '@davit/contract';
import { en } from '../src/i18n/en.ts';
import type { Language } from '../src/i18n/language.ts';
import { zh } from '../src/i18n/zh.ts';

export const NOW = Date.UTC(2026, 2, 1, 12);
export const english: Language = { locale: 'en-US', texts: en };
export const chinese: Language = { locale: 'zh-CN', texts: zh };

const HOUR = 3_600_000;

/** A moment so many milliseconds after NOW. */
export function at(ms: number): string {
  return new Date(NOW + ms).toISOString();
}

export function releaseState(change: Partial<ReleaseState> = {}): ReleaseState {
  return {
    policy: '2h',
    because: { code: 'kernel-busy', message: '', params: {} },
    lastInputAt: null,
    pagesOpen: 1,
    leftAt: null,
    keepUntil: null,
    warnAt: null,
    releaseAt: null,
    ...change,
  };
}

/** A release that is 20 minutes away, inside its warning. */
export const comingRelease = releaseState({
  because: { code: 'leaving', message: '', params: {} },
  warnAt: at(-600_000),
  releaseAt: at(1_200_000),
});

export function server(change: Partial<Server> = {}): Server {
  return {
    id: 'aaaaaaaaaaaa',
    name: 'lab',
    ownerId: 'bbbbbbbbbbbb',
    ownerName: 'ada',
    imageId: 'cccccccccccc',
    imageName: 'jupyterlab-vscode:1.0',
    phase: 'running',
    reason: null,
    reasonDetail: null,
    progress: null,
    resources: { cpu: 4, memoryMb: 16_384, gpu: 1 },
    gpuIds: ['a'],
    editors: ['jupyterlab', 'code-server'],
    readyEditors: ['code-server'],
    ports: [],
    exitCode: null,
    releasePolicy: '2h',
    release: releaseState(),
    createdAt: at(-3 * HOUR),
    startedAt: at(-2 * HOUR - 600_000),
    readyAt: at(-2 * HOUR),
    endedAt: null,
    generation: 1,
    version: 1,
    ...change,
  };
}

export const metrics: ServerMetrics = {
  samples: [
    { at: at(-20_000), cpu: 0, memoryBytes: 2 ** 30, gpu: null, gpuMemoryBytes: null },
    { at: at(-10_000), cpu: 4, memoryBytes: 3.25 * 2 ** 30, gpu: 0.93, gpuMemoryBytes: 1 },
  ],
  limits: { cpu: 4, memoryBytes: 16 * 2 ** 30, gpu: 1 },
  startedAt: at(-2 * HOUR),
};

export function image(change: Partial<Image> = {}): Image {
  return {
    id: 'dddddddddddd',
    name: 'env',
    version: '1',
    title: 'env',
    description: '',
    ownerId: 'bbbbbbbbbbbb',
    ownerName: 'ada',
    visibility: 'private',
    origin: 'own',
    shares: [],
    editors: ['code-server'],
    phase: 'ready',
    reason: null,
    sizeBytes: 2 * 2 ** 30,
    createdFrom: { imageId: 'cccccccccccc', name: 'jupyterlab-vscode:1.0' },
    launch: { needsGpu: false, sudo: false, environment: {}, command: null, editors: null },
    createdAt: at(-HOUR),
    ...change,
  };
}

export function job(change: Partial<ImageJob> = {}): ImageJob {
  return {
    id: 'eeeeeeeeeeee',
    kind: 'save',
    ownerId: 'bbbbbbbbbbbb',
    serverId: 'aaaaaaaaaaaa',
    serverName: 'lab',
    name: 'env',
    version: '2',
    description: '',
    phase: 'saving',
    percent: 62.4,
    bytesDone: 2 ** 30,
    bytesTotal: 2 * 2 ** 30,
    reason: null,
    imageId: null,
    createdAt: at(-60_000),
    endedAt: null,
    revision: 1,
    ...change,
  };
}

const day = { minutes: 120, cpuCoreMinutes: 480, memoryGbMinutes: 1920, gpuCardMinutes: 60 };

export const usage: UsageSummary = {
  today: { ...day, since: null },
  range: { minutes: 240, cpuCoreMinutes: 960, memoryGbMinutes: 3840, gpuCardMinutes: 120, since: at(-48 * HOUR) },
  days: Array.from({ length: 30 }, (_, index) => ({ ...day, day: `2026-02-${String(index + 1).padStart(2, '0')}` })),
};

export const usageByServer: UsageRow[] = [
  {
    ...day,
    since: at(-48 * HOUR),
    userId: null,
    userName: null,
    serverId: 'aaaaaaaaaaaa',
    serverName: 'lab',
    serverDeleted: false,
    day: null,
  },
];
