import type { Page, UsageQuery, UsageRow, UsageSummary, UsageTotals } from '@davit/contract';
import type { Actor } from '../../platform/auth.ts';
import type { Clock } from '../../platform/clock.ts';
import { AppError } from '../../platform/errors.ts';
import { badCursor, decodeCursor, timeOfKey, toPage } from '../../platform/paging.ts';
import { csvHeader, csvLines } from './csv.ts';
import { daysOf, type AskedRange } from './days.ts';
import type { UsageFilter, UsageKey, UsageStore, UsageSums } from './store.ts';

/** What this domain asks of the one that keeps people. */
export interface People {
  /** Whose usage the actor may see besides the own. */
  visibleTo(actor: Actor): Promise<'all' | readonly string[]>;
}

/** What this domain asks of the one that keeps groups. */
export interface Groups {
  /** Who is in a group whose people the actor looks after; undefined where the actor does not, or there is no such group. */
  lookedAfter(actor: Actor, groupId: string): Promise<'all' | readonly string[] | undefined>;
}

interface UsageOptions {
  store: UsageStore;
  people: People;
  groups: Groups;
  clock: Clock;
}

/** A file of usage: its name, and its text piece by piece. */
export interface UsageFile {
  name: string;
  text: AsyncIterable<string>;
}

/** Each piece sums up the whole range anew, so they are large; no connection is held while a slow reader takes one. */
const CSV_ROWS = 5000;

/** Who used how much: the own for everybody, the members' for a teacher, all for an admin. */
export class UsageService {
  readonly #options: UsageOptions;

  constructor(options: UsageOptions) {
    this.#options = options;
  }

  async list(actor: Actor, query: UsageQuery): Promise<Page<UsageRow>> {
    const { store, clock } = this.#options;
    const { now, after } = positionOf(query.cursor) ?? { now: clock.now(), after: undefined };
    const range = daysOf(query, now, partsOf(query.by));
    const filter = await this.#filter(actor, query);
    const rows = await store.sums({ by: query.by, filter, range, now, after, limit: query.limit + 1 });
    const page = toPage(rows, query.limit, (row) => [now.toISOString(), row.day ?? '', row.seconds, row.ids]);
    return { ...page, items: page.items.map(toRow) };
  }

  /** My own usage, whoever asks: what a panel shows at a glance. */
  async summary(actor: Actor, asked: AskedRange): Promise<UsageSummary> {
    const { store, clock } = this.#options;
    const now = clock.now();
    const range = daysOf(asked, now);
    const whole = daysOf(asked, now, 'one');
    const today = daysOf({ from: range.today, to: range.today, timeZone: asked.timeZone }, now, 'one');
    const filter = { ownerIds: [actor.userId] };
    const [days, [ofRange], [ofToday]] = await Promise.all([
      store.sums({ by: 'day', filter, range, now, limit: range.days.length }),
      store.sums({ by: 'nothing', filter, range: whole, now, limit: 1 }),
      store.sums({ by: 'nothing', filter, range: today, now, limit: 1 }),
    ]);
    const byDay = new Map(days.map((row) => [row.day, row]));
    return {
      today: totals(ofToday),
      range: totals(ofRange),
      days: range.days.map((day) => {
        const { since: _, ...sums } = totals(byDay.get(day));
        return { day, ...sums };
      }),
    };
  }

  /** The first piece is made at once, so that a refusal comes before the answer begins. */
  async file(actor: Actor, query: Omit<UsageQuery, 'limit' | 'cursor'>): Promise<UsageFile> {
    const now = this.#options.clock.now();
    const range = daysOf(query, now, partsOf(query.by));
    const filter = await this.#filter(actor, query);
    const { store } = this.#options;
    const piece = (after?: UsageKey) => store.sums({ by: query.by, filter, range, now, after, limit: CSV_ROWS });
    const first = await piece();
    async function* text(): AsyncGenerator<string> {
      yield csvHeader(query.by);
      let rows = first;
      while (rows.length > 0) {
        yield csvLines(query.by, rows.map(toRow));
        const last = rows.at(-1);
        rows = last === undefined || rows.length < CSV_ROWS ? [] : await piece({ ...last, day: last.day ?? '' });
      }
    }
    return { name: `usage-${range.first}-${range.last}.csv`, text: text() };
  }

  /** Whoever may not be seen is told apart from nobody: nothing. */
  async #filter(
    actor: Actor,
    { scope, owner, group, server, servers }: Pick<UsageQuery, 'scope' | 'owner' | 'group' | 'server' | 'servers'>,
  ): Promise<UsageFilter> {
    const seen = await this.#visibleOwners(actor);
    const visible = group === undefined ? seen : await this.#membersOf(actor, group);
    const mayNot = (id: string | undefined): boolean => id === undefined || visible?.includes(id) === false;
    if (owner !== undefined && mayNot(owner))
      throw noSuch('owner', 'There is nobody with this id whose usage you may see.');
    if (server !== undefined && mayNot(await this.#options.store.ownerOf(server)))
      throw noSuch('server', 'There is no server with this id whose usage you may see.');
    const serverIds = server === undefined ? servers?.split(',') : [server];
    if (owner !== undefined) return { ownerIds: [owner], serverIds };
    const own = scope === 'own' && server === undefined && group === undefined;
    return { ownerIds: own ? [actor.userId] : visible, serverIds };
  }

  /** Undefined is everybody. */
  async #membersOf(actor: Actor, group: string): Promise<readonly string[] | undefined> {
    const members = await this.#options.groups.lookedAfter(actor, group);
    if (members === undefined) throw noSuch('group', 'There is no group with this id whose usage you may see.');
    return members === 'all' ? undefined : members;
  }

  /** Undefined is everybody. From inside a server nobody but its owner is there. */
  async #visibleOwners(actor: Actor): Promise<readonly string[] | undefined> {
    if (actor.server !== undefined) return [actor.userId];
    const visible = await this.#options.people.visibleTo(actor);
    return visible === 'all' ? undefined : [...new Set([actor.userId, ...visible])];
  }
}

/** Where no row is of a day, the range is one part. */
function partsOf(by: UsageQuery['by']): 'each' | 'one' {
  return by === 'user' || by === 'server' ? 'one' : 'each';
}

function noSuch(path: 'owner' | 'group' | 'server', message: string): AppError {
  return new AppError('not-found', message, { fields: [{ path, message: 'is not known' }] });
}

function positionOf(cursor: string | undefined): { now: Date; after: UsageKey } | undefined {
  const key = decodeCursor(cursor, 4)?.map(String);
  if (key === undefined) return undefined;
  const [time = '', day = '', seconds = '', ids = ''] = key;
  if (!/^[\d-]{0,10}$/.test(day) || !/^\d{1,15}(\.\d{1,9})?$/.test(seconds)) throw badCursor();
  return { now: timeOfKey(time), after: { day, seconds, ids } };
}

const NOTHING = { minutes: 0, cpuCoreMinutes: 0, memoryGbMinutes: 0, gpuCardMinutes: 0, since: null };

function totals(row: UsageSums | undefined): UsageTotals {
  if (row === undefined) return NOTHING;
  const { minutes, cpuCoreMinutes, memoryGbMinutes, gpuCardMinutes, since } = row;
  return { minutes, cpuCoreMinutes, memoryGbMinutes, gpuCardMinutes, since: since.toISOString() };
}

function toRow(row: UsageSums): UsageRow {
  const { userId, userName, serverId, serverName, serverDeleted, day } = row;
  return { ...totals(row), userId, userName, serverId, serverName, serverDeleted, day };
}
