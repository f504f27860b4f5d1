import type { ChangeEvent } from '@davit/contract';
import type { Bus } from '../../platform/bus.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Database, Transaction } from '../../platform/db.ts';
import type { CurrentSettings } from '../settings/index.ts';

/** Ends what a person is signed in with, inside `tx`; the events it returns are emitted after the commit. */
export type EndCredentials = (userId: string, tx: Transaction) => Promise<readonly ChangeEvent[]>;

/** Cleans up what belongs to a person who is being deleted, inside `tx`. Throwing keeps the person. */
export type OnDeleted = (userId: string, tx: Transaction) => Promise<void>;

/** What the users domain needs from outside. */
export interface UsersDomainOptions {
  db: Database;
  bus: Bus;
  clock: Clock;
  /** Where people reach the hub; one-time links begin with it. */
  publicUrl: URL;
  settings: CurrentSettings;
  /** Run when a person is deactivated, deleted or gets a new password from an admin or a link. */
  endCredentials: readonly EndCredentials[];
  onDeleted: readonly OnDeleted[];
  /** Ids of the members of the groups in which the person has the role teacher. */
  taughtBy: (userId: string) => Promise<string[]>;
}
