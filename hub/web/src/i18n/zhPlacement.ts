import type { enPlacement } from './enPlacement.ts';

/** Words of a group's placement on a cluster, in Simplified Chinese. */
export const zhPlacement: typeof enPlacement = {
  title: '放置',
  lead: '本群组成员的服务器在集群中的运行位置和方式。更改从每台服务器下次启动时生效；正在运行的不受影响。',
  failed: '无法加载放置设置',
  hub: '此外，Davit 的配置对所有服务器规定：',
  labels: '节点标签',
  labelsHint: '服务器只在具有以下全部标签的机器上运行。由 Davit 的配置规定的标签不能在此更改。',
  key: '键',
  value: '值',
  addLabel: '添加标签',
  removeLabel: (key: string) => `移除标签 ${key}`,
  twice: '这个键出现了两次。',
  tolerations: '容忍（toleration）',
  tolerationsHint:
    '服务器也可以在被以下污点（taint）保留的机器上运行。若要让服务器只在这些机器上运行，请同时添加标签。',
  anyValue: '任意值',
  effect: '效果',
  effects: {
    any: '任意效果',
    NoSchedule: 'NoSchedule（不再调度新的）',
    PreferNoSchedule: 'PreferNoSchedule（尽量不调度）',
    NoExecute: 'NoExecute（一律不运行）',
  },
  addToleration: '添加容忍',
  removeToleration: (key: string) => `移除对 ${key} 的容忍`,
  names: '类别与密钥',
  priorityClass: '优先级类（PriorityClass）',
  priorityClassHint: '集群已满时，优先级较高的服务器可能会挤占其他服务器。',
  runtimeClass: '运行时类（RuntimeClass）',
  runtimeClassHint: '由什么来运行容器，例如沙箱。',
  fromHub: (name: string) => `沿用 Davit 的配置：${name}`,
  fromCluster: '由集群决定',
  pullSecrets: '镜像拉取密钥',
  pullSecretsHint: '服务器所在命名空间中的 Secret 名称，用逗号分隔。',
  precedence: '优先顺序',
  precedenceHint:
    '一个人所在各群组的标签、容忍和密钥会合并。若两个群组对同一标签要求不同的值，或要求不同的类，以优先顺序较高的群组为准；相同时以名称靠前的为准；所有人的群组总是最后。',
  save: '保存放置设置',
  saved: '已保存，从每台服务器下次启动时生效。',
};
