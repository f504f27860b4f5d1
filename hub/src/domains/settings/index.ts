import { getInfo, getSettings, updateSettings, type HubInfo, type Settings } from '@davit/contract';
import type { Bus } from '../../platform/bus.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Database, Transaction } from '../../platform/db.ts';
import type { ApiRouter } from '../../platform/http.ts';
import { SettingsService } from './service.ts';

export { loadInstance, type Instance } from './instance.ts';
export { DEFAULT_SETTINGS } from './service.ts';

/** What other domains ask: the settings now, through `tx` when the caller is inside a transaction. */
export interface CurrentSettings {
  current(tx?: Transaction): Promise<Settings>;
}

interface SettingsDomainOptions {
  db: Database;
  bus: Bus;
  clock: Clock;
  /** What never changes while this hub runs. */
  hub: Pick<HubInfo, 'name' | 'version' | 'insecureHttp'>;
  /** True while nobody can sign in as an admin. */
  setupRequired: () => Promise<boolean>;
}

/** What this domain gives to the others. */
export interface SettingsDomain extends CurrentSettings {
  service: SettingsService;
  routes(api: ApiRouter): void;
}

/** The settings of the hub, its instance, and what it says about itself. */
export function createSettingsDomain({ db, bus, clock, hub, setupRequired }: SettingsDomainOptions): SettingsDomain {
  const service = new SettingsService({ db, bus, clock });
  return {
    service,
    current: (tx) => service.current(tx),
    routes: (api) => {
      api.on(getSettings, (_, { actor }) => service.get(actor));
      api.on(updateSettings, ({ body }, { actor }) => service.update(actor, body));
      api.onPublic(getInfo, async () => ({
        ...hub,
        setupRequired: await setupRequired(),
        selfRegistration: (await service.current()).selfRegistration,
      }));
    },
  };
}
