import type { importUsers, RouteOutput } from '@davit/contract';
import { requireAdmin, type Actor } from '../../platform/auth.ts';
import { AppError, messageOf } from '../../platform/errors.ts';
import { parsePeople, type ImportLine } from './csv.ts';
import type { UsersService } from './service.ts';
import type { UserStore } from './store.ts';

type Report = RouteOutput<typeof importUsers>;
type ReportItem = Report['items'][number];

/** Lines that are worked on at once: enough to keep the password hashing busy, few enough for the database. */
const AT_ONCE = 4;

/** Creates many people from CSV and reports each line. */
export class Importer {
  readonly #service: UsersService;
  readonly #store: UserStore;

  constructor(service: UsersService, store: UserStore) {
    this.#service = service;
    this.#store = store;
  }

  async run(actor: Actor, csv: string): Promise<Report> {
    requireAdmin(actor);
    const lines = parsePeople(csv);
    const items: ReportItem[] = [];
    for (let from = 0; from < lines.length; from += AT_ONCE) {
      const some = lines.slice(from, from + AT_ONCE);
      items.push(...(await Promise.all(some.map((line) => this.#create(actor, line)))));
    }
    return { items };
  }

  async #create(actor: Actor, input: ImportLine): Promise<ReportItem> {
    const { line, name } = input;
    if ('refusal' in input) return { line, name, status: 'refused', message: input.refusal };
    const exists: ReportItem = { line, name, status: 'exists', message: 'This name exists; nothing was changed.' };
    if ((await this.#store.findByName(name)) !== undefined) return exists;
    try {
      const { passwordLink } = await this.#service.create(actor, { ...input.person, quota: {} });
      return { line, name, status: 'created', ...(passwordLink === undefined ? {} : { passwordLink }) };
    } catch (error) {
      if (error instanceof AppError && error.code === 'conflict') return exists;
      return { line, name, status: 'refused', message: messageOf(error) };
    }
  }
}
