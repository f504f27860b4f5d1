import type { ReleasePolicy, ReleaseSettings, Role } from '@davit/contract';
import type { Clock } from '../../platform/clock.ts';
import { AppError } from '../../platform/errors.ts';
import type { LiveServers } from './live.ts';
import type { ServerRow } from './model.ts';
import { assessRelease, type ReleaseVerdict } from './release.ts';

type RolePolicies = ReleaseSettings['roles'][Role];

export interface ReleaseBookOptions {
  live: Pick<LiveServers, 'word'>;
  clock: Clock;
  settings: () => Promise<ReleaseSettings>;
  /** Servers of which an image is being saved now. */
  saving: () => Promise<ReadonlySet<string>>;
}

/** Puts together what decides about releases: rows, agents, settings and running saves. */
export class ReleaseBook {
  readonly #options: ReleaseBookOptions;

  constructor(options: ReleaseBookOptions) {
    this.#options = options;
  }

  /** A function that tells of each row how it stands now; undefined for one that does not run. */
  async open(): Promise<(row: ServerRow) => ReleaseVerdict | undefined> {
    const { live, clock } = this.#options;
    const [settings, saving] = await Promise.all([this.#options.settings(), this.#options.saving()]);
    return (row) => {
      if (row.desired !== 'running' || row.readyAt === null) return undefined;
      const facts = {
        policy: row.releasePolicy,
        readyAt: row.readyAt,
        agent: live.word(row.id, row.engineId),
        lastInputAt: row.lastInputAt,
        keepUntil: row.keepUntil,
        leftAt: row.leftAt,
        warnedAt: row.warnedAt,
        saving: saving.has(row.id),
        leftAfterMs: settings.leftAfterMinutes * 60_000,
      };
      return assessRelease(facts, clock.now());
    };
  }

  /** Policies that people of a role may choose, and what a new server gets. */
  async policiesOf(role: Role): Promise<RolePolicies> {
    return (await this.#options.settings()).roles[role];
  }

  /** The policy of a new server: what was asked for, else the default of the role. Refuses one that is not allowed. */
  async choose(role: Role, asked: ReleasePolicy | undefined, field: string): Promise<ReleasePolicy> {
    const { allowed, default: usual } = await this.policiesOf(role);
    const policy = asked ?? usual;
    if (allowed.includes(policy)) return policy;
    throw new AppError('bad-request', `Your role may not choose the release policy "${policy}". Choose another.`, {
      fields: [{ path: field, message: `must be one of ${allowed.join(', ')}` }],
    });
  }

  /** The policy with which a server starts again: its own while its owner's role still allows it, else the default. */
  async renew(role: Role, policy: ReleasePolicy): Promise<ReleasePolicy> {
    const { allowed, default: usual } = await this.policiesOf(role);
    return allowed.includes(policy) ? policy : usual;
  }
}
