import type { UsageRow, UsageSummary } from '@davit/contract';
import type { Change, IHub, IUsageModel } from '../tokens.ts';
import { Model } from './model.ts';

const PAGE = 200;

/** What the owner used, in the days of the browser's time zone. */
export class UsageModel extends Model implements IUsageModel {
  #summary: UsageSummary | undefined;
  #servers: readonly UsageRow[] | undefined;
  readonly #timeZone: string;

  constructor(hub: IHub, timeZone: string) {
    super({ hub, name: 'usage', fullEvery: 1 });
    this.#timeZone = timeZone;
  }

  get summary(): UsageSummary | undefined {
    return this.#summary;
  }

  get servers(): readonly UsageRow[] | undefined {
    return this.#servers;
  }

  async csvUrl(): Promise<string> {
    const { exportUsage, serverApiPath, urlOf } = await import('@davit/contract');
    const path = urlOf(exportUsage, undefined, { by: 'server-day', timeZone: this.#timeZone });
    return `${this.hub.root ?? ''}${serverApiPath(path)}`;
  }

  protected override async load(): Promise<void> {
    if (!this.watched) return;
    const timeZone = this.#timeZone;
    const [summary, servers] = await Promise.all([
      this.hub.call((routes) => routes.getUsageSummary, { query: { timeZone } }),
      this.hub.call((routes) => routes.listUsage, { query: { by: 'server', limit: PAGE, timeZone } }),
    ]);
    this.#summary = summary;
    this.#servers = servers.items;
  }

  protected override concerns(_: Exclude<Change, 'all'>): boolean {
    return false;
  }
}
