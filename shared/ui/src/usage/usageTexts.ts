function plural(count: string, unit: string): string {
  return count === '1' ? unit : `${unit}s`;
}

/** Words of the usage views and of the live meters. `zh` has the same shape as `en`. */
const en = {
  metrics: { minutes: 'Running time', cpu: 'CPU', memory: 'Memory', gpu: 'GPU' },
  /** An amount, given in hours. */
  amount: {
    minutes: (hours: string) => `${hours} ${plural(hours, 'hour')}`,
    cpu: (hours: string) => `${hours} ${plural(hours, 'core-hour')}`,
    memory: (hours: string) => `${hours} ${plural(hours, 'GiB-hour')}`,
    gpu: (hours: string) => `${hours} ${plural(hours, 'GPU-hour')}`,
  },
  columns: {
    day: 'Day',
    user: 'Person',
    server: 'Server',
    minutes: 'Hours',
    cpu: 'CPU core-hours',
    memory: 'GiB-hours',
    gpu: 'GPU-hours',
    since: 'Since',
  },
  exact: (minutes: string) => `${minutes} minutes`,
  deleted: 'deleted',
  unknown: (id: string) => `no name (${id})`,
  today: 'Today',
  range: (days: number) => (days === 1 ? 'This day' : `These ${days} days`),
  metric: 'What the bars show',
  chart: (metric: string) => `${metric} per day`,
  none: 'Nothing was used on these days.',
  asTable: 'As a table',
  byDay: 'Per day',
  byServer: 'Per server',
  noServers: 'No server ran on these days.',
  moreServers: (count: number) => `and ${count} more`,
  use: {
    cpu: (used: string, limit: string) => `${used} of ${limit} ${plural(limit, 'core')}`,
    memory: (used: string, limit: string) => `${used} of ${limit}`,
    gpu: (percent: number) => `${percent} %`,
    gpuWithMemory: (percent: number, memory: string) => `${percent} %, ${memory}`,
  },
  course: (metric: string, now: string) => `${metric} during the last minutes, now ${now}`,
  unmeasured: 'not measured',
  measuring: 'measuring …',
};

/** The words in one language. */
export type UsageTexts = typeof en;

const zh: UsageTexts = {
  metrics: { minutes: '运行时间', cpu: 'CPU 用量', memory: '内存', gpu: 'GPU 用量' },
  amount: {
    minutes: (hours) => `${hours} 小时`,
    cpu: (hours) => `${hours} 核·小时`,
    memory: (hours) => `${hours} GiB·小时`,
    gpu: (hours) => `${hours} 卡·小时`,
  },
  columns: {
    day: '日期',
    user: '用户',
    server: '服务器',
    minutes: '小时',
    cpu: 'CPU 核·小时',
    memory: '内存 GiB·小时',
    gpu: 'GPU 卡·小时',
    since: '起始时间',
  },
  exact: (minutes) => `${minutes} 分钟`,
  deleted: '已删除',
  unknown: (id) => `无名称（${id}）`,
  today: '今天',
  range: (days) => (days === 1 ? '当天' : `这 ${days} 天`),
  metric: '柱形显示的内容',
  chart: (metric) => `每天的${metric}`,
  none: '这些天没有用量。',
  asTable: '以表格显示',
  byDay: '按天',
  byServer: '按服务器',
  noServers: '这些天没有服务器运行过。',
  moreServers: (count) => `以及另外 ${count} 个`,
  use: {
    cpu: (used, limit) => `${used} / ${limit} 核`,
    memory: (used, limit) => `${used} / ${limit}`,
    gpu: (percent) => `${percent} %`,
    gpuWithMemory: (percent, memory) => `${percent} %，${memory}`,
  },
  course: (metric, now) => `最近几分钟的${metric}，当前${now}`,
  unmeasured: '未测量',
  measuring: '正在测量…',
};

/** The words in each language that there is. */
export const USAGE_TEXTS = { en, zh };
