import { createHmac, timingSafeEqual } from 'node:crypto';
import { hashSecret } from '../../platform/random.ts';

/** How the nodes of a cluster sign in to the registry: they may pull everything, and nothing else. */
export interface NodeCredential {
  user: string;
  password: string;
}

/** A person may have this name too: the password tells them apart. */
const NODE_USER = 'davit-nodes';
const PERIOD_MS = 7 * 86_400_000;

/** The credential that counts now. It is another one each week, by itself, and the same on every hub of the database. */
export function nodeCredential(instanceKey: Buffer, now: Date): NodeCredential {
  return { user: NODE_USER, password: passwordOf(instanceKey, periodOf(now)) };
}

/** Whether it is the credential of this week, of the last (nodes hold it until the hub writes the next) or of the next (clocks differ). */
export function isNodeCredential({ user, password }: NodeCredential, instanceKey: Buffer, now: Date): boolean {
  if (user !== NODE_USER) return false;
  const given = Buffer.from(hashSecret(password));
  return [-1, 0, 1]
    .map((offset) => Buffer.from(hashSecret(passwordOf(instanceKey, periodOf(now) + offset))))
    .map((good) => timingSafeEqual(good, given))
    .includes(true);
}

function periodOf(now: Date): number {
  return Math.floor(now.getTime() / PERIOD_MS);
}

function passwordOf(instanceKey: Buffer, period: number): string {
  return createHmac('sha256', instanceKey).update(`registry pull ${period}`).digest('base64url');
}
