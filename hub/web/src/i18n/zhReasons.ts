import type { Reason, ReasonCode } from '@davit/contract';

type Write = (params: Reason['params']) => string;

/** `（3 个中已用 2 个；排在第 1 位）`, so far as it is known. */
function inUse({ used, total, position }: Reason['params']): string {
  const parts: string[] = [];
  if (used !== undefined && total !== undefined) parts.push(`已用 ${used} / ${total}`);
  if (position !== undefined) parts.push(`排在第 ${position} 位`);
  return parts.length === 0 ? '' : `（${parts.join('，')}）`;
}

/** A sentence per code, whole also where params are missing. */
const WRITE: Record<ReasonCode, Write> = {
  'building-image': ({ image, step, steps }) =>
    step === undefined || steps === undefined
      ? `正在准备镜像${image === undefined ? '' : ` ${image}`}`
      : `正在构建镜像 ${image ?? ''}：第 ${step} 步，共 ${steps} 步`,
  'pulling-image': ({ image }) => `正在拉取镜像${image === undefined ? '' : ` ${image}`}`,
  'creating-container': ({ earlier }) =>
    earlier === undefined ? '正在创建容器' : `正在重新创建容器。容器引擎此前失败：${earlier}`,
  'starting-editor': () => '正在启动编辑器',
  'no-free-cpu': (params) => `等待空闲 CPU${inUse(params)}，有空闲时会自动启动。`,
  'no-free-memory': (params) => `等待空闲内存${inUse(params)}，足够时会自动启动。`,
  'no-free-gpu': (params) => `等待空闲 GPU${inUse(params)}，有空闲时会自动启动。`,
  'no-machine': ({ labels, taints }) => {
    const tell = '请告诉管理员；如果小组的放置设置有变，请重新启动服务器。';
    if (labels !== undefined) return `等待可用的、带有标签 ${labels} 的机器。${tell}`;
    return taints === undefined
      ? `等待中：集群中没有可以运行它的机器。${tell}`
      : `等待中：可以运行它的机器都被污点 ${taints} 保留，而您的小组没有容忍它。${tell}`;
  },
  'low-disk': ({ free, total }) =>
    `等待中：磁盘空间不足${free === undefined || total === undefined ? '' : `（剩余 ${free} / ${total}）`}，需要管理员清理。`,
  'engine-unreachable': () => '容器引擎没有响应。没有停止任何服务器，恢复后会自动继续。',
  'agent-silent': () => '服务器没有响应，可能正忙；它没有被停止。若一直如此，请查看日志或重置。',
  'image-failed': ({ message }) =>
    `镜像准备失败${message === undefined ? '。' : `：${message}`} 可重新启动以再试一次。`,
  'engine-refused': ({ message }) => `容器引擎无法启动服务器${message === undefined ? '。' : `：${message}`}`,
  'editor-failed': ({ restarts, said }) =>
    `编辑器${restarts === undefined ? '多次' : ` ${restarts} 次`}退出${said === undefined ? '' : `：${said}`}。请查看日志。`,
  'out-of-memory': ({ memoryMb, kills }) => {
    const limit = memoryMb === undefined ? '' : `（上限 ${memoryMb} MiB）`;
    if (kills === undefined) return `内存用尽${limit}。请用更大的内存启动，或减少同时占用的内存。`;
    return `服务器仍在运行，但有 ${kills} 个程序因内存用尽${limit}被终止。请先保存工作；然后减少同时占用的内存，或改用内存更大的服务器。`;
  },
  exited: ({ exitCode }) =>
    `服务器自行结束${exitCode === undefined ? '' : `（退出码 ${exitCode}）`}。请查看日志，然后重新启动；/data 会保留。`,
  lost: () => '容器已不存在：被某人或某个程序删除。请重新启动；/data 会保留。',
  'too-slow': ({ minutes }) =>
    `${minutes === undefined ? '' : `${minutes} 分钟后`}仍未就绪。请查看日志，或用更多 CPU 或内存重新启动。`,
  released: ({ hours }) => `离开${hours === undefined ? ' 5 分钟' : ` ${hours} 小时`}后已自动释放；/data 会保留。`,
  'disk-limit': ({ percent, limitMb }) => {
    const limit = limitMb === undefined ? '' : ` ${limitMb} MiB`;
    return percent === undefined
      ? `在 /data 之外写入的数据超过限额${limit}，服务器已被停止。请重新启动：容器会重新创建，/data 会保留。大文件请放在 ~/work。`
      : `在 /data 之外写入的数据已达限额${limit} 的 ${percent}%，超过后服务器会被停止。请把大文件移到 ~/work，或删除一些文件。`;
  },
};

/** The reason in Chinese; a code that this page does not know yet keeps the hub's own sentence. */
export function zhReason(reason: Reason): string {
  const write = (WRITE as Partial<Record<string, Write>>)[reason.code];
  return write === undefined ? reason.message : write(reason.params);
}
