import type { AliveCode, ReleasePolicy } from '@davit/contract';

/** Words about when a server is released. `zh` has the same shape as `en`. */
const en = {
  /** As in «releases 2 h after you leave». */
  policies: {
    automatic: '5 minutes after the last page is closed',
    '2h': '2 hours after you leave',
    '4h': '4 hours after you leave',
    '8h': '8 hours after you leave',
    '16h': '16 hours after you leave',
    '24h': '24 hours after you leave',
    '2d': '2 days after you leave',
    '3d': '3 days after you leave',
    '4d': '4 days after you leave',
    '5d': '5 days after you leave',
    '6d': '6 days after you leave',
    manual: 'only by hand',
  } satisfies Record<ReleasePolicy, string>,
  alive: {
    manual: 'by hand only',
    input: 'in use',
    'page-open': 'page open',
    'kernel-busy': 'kernel busy',
    'terminal-output': 'terminal in use',
    'cpu-busy': 'programs computing',
    'gpu-busy': 'GPU computing',
    keep: 'kept as asked',
    unknown: 'not known whether it is in use',
    leaving: 'nobody is there',
    saving: 'an image is being saved',
  } satisfies Record<AliveCode, string>,
  releases: (when: string) => `Releases ${when}`,
  releasesIn: (span: string) => `Releases in ${span}`,
  keptAlive: (why: string) => `kept alive: ${why}`,
  choice: 'Release',
  choiceHint: 'A released server gives back its CPU, memory and GPU. Files under /data stay.',
  /** Before a server is ended. */
  stillRunning: (what: string) => `Something is still going on in it: ${what}.`,
  endsSave: (tag: string) => `It is being saved as ${tag}. The save fails when the server ends now.`,
  soon: (name: string) => `${name} is released soon because nobody is there.`,
  left: (span: string) => `${span} left`,
  keep: 'Keep 2 h',
  keepOf: (name: string) => `Keep ${name} for 2 hours`,
  release: 'Release now',
  releaseOf: (name: string) => `Release ${name} now`,
};

/** Words of one language. */
export type ReleaseTexts = typeof en;

const zh: ReleaseTexts = {
  policies: {
    automatic: '关闭最后一个页面 5 分钟后',
    '2h': '离开 2 小时后',
    '4h': '离开 4 小时后',
    '8h': '离开 8 小时后',
    '16h': '离开 16 小时后',
    '24h': '离开 24 小时后',
    '2d': '离开 2 天后',
    '3d': '离开 3 天后',
    '4d': '离开 4 天后',
    '5d': '离开 5 天后',
    '6d': '离开 6 天后',
    manual: '仅手动',
  },
  alive: {
    manual: '仅手动释放',
    input: '正在使用',
    'page-open': '页面已打开',
    'kernel-busy': '内核正在运行',
    'terminal-output': '终端正在使用',
    'cpu-busy': '程序正在计算',
    'gpu-busy': 'GPU 正在计算',
    keep: '按要求保留',
    unknown: '不确定是否在使用',
    leaving: '无人使用',
    saving: '正在保存镜像',
  },
  releases: (when) => `${when}释放`,
  releasesIn: (span) => `${span}后释放`,
  keptAlive: (why) => `保持运行：${why}`,
  choice: '释放',
  choiceHint: '释放后归还 CPU、内存和 GPU；/data 中的文件会保留。',
  stillRunning: (what) => `其中仍在进行：${what}。`,
  endsSave: (tag) => `正在将它保存为 ${tag}。现在结束服务器，保存就会失败。`,
  soon: (name) => `${name} 无人使用，即将释放。`,
  left: (span) => `还剩 ${span}`,
  keep: '保留 2 小时',
  keepOf: (name) => `将 ${name} 保留 2 小时`,
  release: '立即释放',
  releaseOf: (name) => `立即释放 ${name}`,
};

export const RELEASE_TEXTS = { en, zh } as const;
