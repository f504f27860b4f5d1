import type { Group, GroupMember, GroupRole, MemberListQuery, Page, PageQuery } from '@davit/contract';
import { isAdmin, type Actor } from '../../platform/auth.ts';
import type { Bus } from '../../platform/bus.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Database, Transaction } from '../../platform/db.ts';
import { AppError } from '../../platform/errors.ts';
import { nextVersion } from '../../platform/eventVersion.ts';
import { randomId } from '../../platform/random.ts';
import type { People } from '../users/index.ts';
import { toGroup, type GroupStore, type SeenGroup } from './store.ts';

export interface GroupsServiceOptions {
  db: Database;
  bus: Bus;
  clock: Clock;
  store: GroupStore;
  people: Pick<People, 'lock'>;
}

/** Groups: members see theirs, the group's teachers and admins change them. */
export class GroupsService {
  readonly #options: GroupsServiceOptions;

  constructor(options: GroupsServiceOptions) {
    this.#options = options;
  }

  async list(actor: Actor, query: PageQuery): Promise<Page<Group>> {
    const page = await this.#options.store.list(actor.userId, isAdmin(actor), query);
    return { ...page, items: page.items.map(toGroup) };
  }

  async get(actor: Actor, id: string): Promise<Group> {
    return toGroup(await this.#visible(actor, id));
  }

  /** Creates a group whose first teacher is the actor. */
  async create(actor: Actor, { name, description }: { name: string; description: string }): Promise<Group> {
    if (!isAdmin(actor) && actor.role !== 'teacher') {
      throw new AppError('forbidden', 'Only teachers and admins may create groups.');
    }
    const { db, store, clock } = this.#options;
    const id = randomId();
    await db.transaction(async (tx) => {
      await this.#requirePerson(actor.userId, tx);
      const row = { id, name, description, everybody: false, creatorId: actor.userId, createdAt: clock.now() };
      await store.insert(row, tx);
      await store.putMember({ groupId: id, userId: actor.userId, role: 'teacher' }, tx);
    });
    this.#emit(id, [actor.userId]);
    return toGroup(await this.#visible(actor, id));
  }

  async update(actor: Actor, id: string, changes: { name?: string; description?: string }): Promise<Group> {
    const { members, group } = await this.#change(actor, id, async (tx) => {
      await this.#options.store.update(id, changes, tx);
      return { members: await this.#options.store.memberIds(id, tx), group: await this.#visible(actor, id, tx) };
    });
    this.#emit(id, members);
    return toGroup(group);
  }

  /** Deletes a group; the people in it stay. */
  async remove(actor: Actor, id: string): Promise<void> {
    const members = await this.#change(actor, id, async (tx) => {
      const ids = await this.#options.store.memberIds(id, tx);
      await this.#options.store.remove(id, tx);
      return ids;
    });
    this.#emit(id, members);
  }

  /** Members see each other; only admins see everybody, which the members of `public` are. */
  async listMembers(actor: Actor, id: string, query: MemberListQuery): Promise<Page<GroupMember>> {
    const group = await this.#visible(actor, id);
    if (group.everybody && !isAdmin(actor)) {
      throw new AppError('forbidden', 'Everybody is in this group. Only an admin may list all people.');
    }
    return this.#options.store.listMembers(group, query);
  }

  /** Adds a member or changes the role. Only a teacher of the hub can be one of a group: it shows the members' servers. */
  async putMember(actor: Actor, id: string, userId: string, role: GroupRole): Promise<GroupMember> {
    const { person, members } = await this.#change(actor, id, async (tx) => {
      const found = await this.#requirePerson(userId, tx);
      if (role === 'teacher' && found.role === 'user') {
        throw new AppError('conflict', `${found.name} is not a teacher. Ask an admin to change the role first.`, {
          fields: [{ path: 'role', message: 'needs the role teacher or admin' }],
        });
      }
      await this.#options.store.putMember({ groupId: id, userId, role }, tx);
      return { person: found, members: await this.#options.store.memberIds(id, tx) };
    });
    this.#emit(id, members);
    return { userId, name: person.name, displayName: person.displayName, role };
  }

  async removeMember(actor: Actor, id: string, userId: string): Promise<void> {
    const members = await this.#change(actor, id, async (tx) => {
      const ids = await this.#options.store.memberIds(id, tx);
      if (await this.#options.store.removeMember(id, userId, tx)) return ids;
      throw new AppError('not-found', 'This person is not in the group, or not any more.');
    });
    this.#emit(id, members);
  }

  /** Who is in a group whose people the actor looks after; undefined where the actor does not, or there is none. */
  async lookedAfter(actor: Actor, id: string): Promise<'all' | string[] | undefined> {
    const group = await this.#options.store.find(id, actor.userId);
    if (group === undefined || actor.server !== undefined) return undefined;
    const teaches = actor.role === 'teacher' && group.myRole === 'teacher';
    if (!teaches && !isAdmin(actor)) return undefined;
    return group.everybody ? 'all' : this.#options.store.memberIds(id);
  }

  /** Runs a change under the group's lock after asking whether the actor may make it. */
  #change<T>(actor: Actor, id: string, change: (tx: Transaction) => Promise<T>): Promise<T> {
    return this.#options.db.transaction(async (tx) => {
      await this.#options.store.lock(id, tx);
      const group = await this.#visible(actor, id, tx);
      if (group.everybody) {
        throw new AppError('forbidden', 'Everybody is in this group, always. It cannot be changed.');
      }
      if (!isAdmin(actor) && !(actor.role === 'teacher' && group.myRole === 'teacher')) {
        throw new AppError('forbidden', 'Only the teachers of the group and admins may change it.');
      }
      return change(tx);
    });
  }

  /** The group, when the actor may know of it. */
  async #visible(actor: Actor, id: string, tx?: Transaction): Promise<SeenGroup> {
    const group = await this.#options.store.find(id, actor.userId, tx);
    if (group === undefined || (group.myRole === null && !isAdmin(actor))) {
      throw new AppError('not-found', 'There is no such group, or you are not in it.');
    }
    return group;
  }

  async #requirePerson(userId: string, tx: Transaction) {
    const person = await this.#options.people.lock(userId, tx);
    if (person === undefined || person.deleted) {
      throw new AppError('not-found', 'There is no such person, or not any more.');
    }
    return person;
  }

  #emit(id: string, userIds: readonly string[]): void {
    this.#options.bus.emit({ type: 'group', id, version: nextVersion() }, { userIds });
  }
}
