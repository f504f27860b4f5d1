import type { Quota, Resources } from '@davit/contract';
import { AppError } from '../../platform/errors.ts';
import { decimal, memoryText } from './reasons.ts';

type Kind = keyof Quota;

const ORDER: readonly Kind[] = ['servers', 'gpu', 'cpu', 'memoryMb'];

/** What a start takes of the quota besides what the person uses already. */
export function askedBy(resources: Resources, servers: number): Quota {
  return { servers, cpu: resources.cpu, memoryMb: resources.memoryMb, gpu: resources.gpu };
}

/** The first limit that `asked` would pass; undefined when all fits. */
export function exceeded(limit: Quota, used: Quota, asked: Quota): Kind | undefined {
  return ORDER.find((kind) => asked[kind] > 0 && used[kind] + asked[kind] > limit[kind] + 1e-6);
}

/** Refuses what would pass a limit: the message says what is used up, `details` holds {resource, limit, used, asked}. */
export function requireQuota(limit: Quota, used: Quota, asked: Quota): void {
  const kind = exceeded(limit, used, asked);
  if (kind === undefined) return;
  const details = { resource: kind, limit: limit[kind], used: used[kind], asked: asked[kind] };
  throw new AppError('quota-exceeded', quotaWords(kind, details), { details });
}

function quotaWords(kind: Kind, { limit, used, asked }: { limit: number; used: number; asked: number }): string {
  const text = (value: number): string => (kind === 'memoryMb' ? memoryText(value) : decimal(value));
  if (kind === 'servers') {
    if (limit === 0) return 'Your quota allows no servers. Ask an admin for more.';
    return `${used} of ${limit} servers of your quota are used up. Delete one, or ask an admin for more.`;
  }
  const unit = { gpu: 'GPUs', cpu: 'CPU', memoryMb: 'memory' }[kind];
  if (asked > limit) {
    return `${text(asked)} ${unit} were asked for, your quota is ${text(limit)}. Choose a smaller size, or ask an admin for more.`;
  }
  return (
    `${text(used)} of ${text(limit)} ${unit} of your quota are in use and ${text(asked)} were asked for. ` +
    'Stop a server, choose a smaller size, or ask an admin for more.'
  );
}
