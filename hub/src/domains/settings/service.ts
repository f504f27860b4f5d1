import { releasePolicySchema, settingsSchema, type Settings } from '@davit/contract';
import { requireAdmin, type Actor } from '../../platform/auth.ts';
import type { Bus } from '../../platform/bus.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Database, Transaction } from '../../platform/db.ts';
import { nextVersion } from '../../platform/eventVersion.ts';
import { SettingsStore } from './store.ts';

const ALL_POLICIES = releasePolicySchema.options;
const TIMED_POLICIES = ALL_POLICIES.filter((policy) => policy !== 'manual');

/** What holds until an admin changes it. */
export const DEFAULT_SETTINGS: Settings = {
  selfRegistration: false,
  sessionHours: 168,
  roleQuotas: {
    user: { servers: 3, cpu: 4, memoryMb: 16_384, gpu: 1 },
    teacher: { servers: 5, cpu: 8, memoryMb: 32_768, gpu: 2 },
    admin: { servers: 10, cpu: 64, memoryMb: 262_144, gpu: 16 },
  },
  release: {
    leftAfterMinutes: 60,
    roles: {
      user: { allowed: TIMED_POLICIES, default: '24h' },
      teacher: { allowed: [...ALL_POLICIES], default: '24h' },
      admin: { allowed: [...ALL_POLICIES], default: '24h' },
    },
  },
};

/** After so long a change is seen that nobody told of. */
const CACHE_MS = 30_000;

interface SettingsDeps {
  db: Database;
  bus: Bus;
  clock: Clock;
}

/** Reads and changes the settings of the hub. */
export class SettingsService {
  readonly #deps: SettingsDeps;
  readonly #store: SettingsStore;
  #cached: { settings: Settings; until: number } | undefined;
  #epoch = 0;

  constructor(deps: SettingsDeps) {
    this.#deps = deps;
    this.#store = new SettingsStore(deps.db);
    deps.bus.subscribe(
      ({ event }) => {
        if (event.type === 'settings') this.#forget();
      },
      () => this.#forget(),
    );
  }

  /**
   * The settings now, mostly from memory. Inside a transaction give it: a second connection taken while holding the
   * first empties the pool when many requests do so at once.
   */
  async current(tx?: Transaction): Promise<Settings> {
    const now = this.#deps.clock.now().getTime();
    if (this.#cached !== undefined && this.#cached.until > now) return this.#cached.settings;
    const epoch = this.#epoch;
    const settings = withDefaults(await this.#store.load(tx));
    // A change that committed meanwhile has a newer answer than this one.
    if (epoch === this.#epoch) this.#cached = { settings, until: now + CACHE_MS };
    return settings;
  }

  get(actor: Actor): Promise<Settings> {
    requireAdmin(actor);
    return this.current();
  }

  async update(actor: Actor, changes: Partial<Settings>): Promise<Settings> {
    requireAdmin(actor);
    await this.#deps.db.transaction((tx) => this.#store.save(changes, tx));
    this.#deps.bus.emit({ type: 'settings', id: 'settings', version: nextVersion() }, { everyone: true });
    return this.current();
  }

  #forget(): void {
    this.#epoch += 1;
    this.#cached = undefined;
  }
}

/** A stored value that no longer fits the contract (an older hub wrote it) counts as absent. */
function withDefaults(stored: Record<string, unknown>): Settings {
  const known = Object.entries(settingsSchema.shape).flatMap(([key, schema]) => {
    const parsed = schema.safeParse(stored[key]);
    return parsed.success ? [[key, parsed.data] as const] : [];
  });
  return { ...DEFAULT_SETTINGS, ...Object.fromEntries(known) };
}
