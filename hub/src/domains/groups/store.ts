import type { Group, GroupMember, GroupPlacement, GroupRole, MemberListQuery, Page, PageQuery } from '@davit/contract';
import { QueryTypes, UniqueConstraintError } from 'sequelize';
import type { Database, Transaction } from '../../platform/db.ts';
import { AppError } from '../../platform/errors.ts';
import { decodeCursor, toPage } from '../../platform/paging.ts';
import {
  defineGroupModel,
  defineMemberModel,
  type GroupModel,
  type GroupRow,
  type MemberModel,
  type MemberRow,
} from './model.ts';
import { storedPlacement, type PlacedGroup } from './placement.ts';

/** A group as one person sees it. */
export interface SeenGroup extends GroupRow {
  memberCount: number;
  /** The person's own role in it; null when not a member. */
  myRole: GroupRole | null;
}

const ACTIVE_PEOPLE = `SELECT count(*)::int FROM users WHERE active AND deleted_at IS NULL`;

/** Groups with the count and the role of the person $me; everybody is an ordinary member of the one for everybody. */
const SEEN = `SELECT g.id, g.name, g.description, g.everybody, g.creator_id AS "creatorId", g.created_at AS "createdAt",
    CASE WHEN g.everybody THEN (${ACTIVE_PEOPLE})
      ELSE (SELECT count(*)::int FROM group_members WHERE group_id = g.id) END AS "memberCount",
    CASE WHEN g.everybody THEN 'member' ELSE m.role END AS "myRole"
  FROM groups g LEFT JOIN group_members m ON m.group_id = g.id AND m.user_id = $me`;

/** Groups in PostgreSQL. Rows of people who were deleted go with them, so member rows need no check for that. */
export class GroupStore {
  readonly #db: Database;
  readonly #groups: GroupModel;
  readonly #members: MemberModel;

  constructor(db: Database) {
    this.#db = db;
    this.#groups = defineGroupModel(db);
    this.#members = defineMemberModel(db);
  }

  async insert(row: GroupRow, tx: Transaction): Promise<void> {
    await this.#groups.create(row, { transaction: tx }).catch(nameTaken);
  }

  async find(id: string, me: string, tx?: Transaction): Promise<SeenGroup | undefined> {
    const [row] = await this.#db.query<SeenGroup>(`${SEEN} WHERE g.id = $id`, {
      bind: { id, me },
      type: QueryTypes.SELECT,
      transaction: tx,
    });
    return row;
  }

  /** One page by name of the groups `me` is in, or of all. */
  async list(me: string, all: boolean, { limit, cursor }: PageQuery): Promise<Page<SeenGroup>> {
    const [after] = decodeCursor(cursor, 1) ?? [];
    const conditions = [all ? 'true' : '(g.everybody OR m.role IS NOT NULL)'];
    if (after !== undefined) conditions.push('g.name > $after');
    const rows = await this.#db.query<SeenGroup>(
      `${SEEN} WHERE ${conditions.join(' AND ')} ORDER BY g.name LIMIT $limit`,
      { bind: { me, after: String(after), limit: limit + 1 }, type: QueryTypes.SELECT },
    );
    return toPage(rows, limit, (row) => [row.name]);
  }

  /** Locks the group's row until the transaction ends; false when it is gone. */
  async lock(id: string, tx: Transaction): Promise<boolean> {
    return (await this.#groups.findByPk(id, { transaction: tx, lock: tx.LOCK.UPDATE })) !== null;
  }

  async update(id: string, changes: Partial<GroupRow>, tx: Transaction): Promise<void> {
    await this.#groups.update(changes, { where: { id }, transaction: tx }).catch(nameTaken);
  }

  async remove(id: string, tx: Transaction): Promise<void> {
    await this.#groups.destroy({ where: { id }, transaction: tx });
  }

  /** One page of members by name; of the group for everybody all active people. */
  async listMembers(group: GroupRow, { limit, cursor, search }: MemberListQuery): Promise<Page<GroupMember>> {
    const [after] = decodeCursor(cursor, 1) ?? [];
    const from = group.everybody
      ? `SELECT u.id AS "userId", u.name, u.display_name AS "displayName", 'member' AS role
         FROM users u WHERE u.active AND u.deleted_at IS NULL`
      : `SELECT u.id AS "userId", u.name, u.display_name AS "displayName", m.role
         FROM group_members m JOIN users u ON u.id = m.user_id WHERE m.group_id = $id AND u.deleted_at IS NULL`;
    const later = after === undefined ? '' : 'AND lower(u.name) > $after';
    const sought = search === undefined ? '' : `AND strpos(lower(u.name || ' ' || u.display_name), lower($search)) > 0`;
    const rows = await this.#db.query<GroupMember>(`${from} ${later} ${sought} ORDER BY lower(u.name) LIMIT $limit`, {
      bind: { id: group.id, after: String(after), search, limit: limit + 1 },
      type: QueryTypes.SELECT,
    });
    return toPage(rows, limit, (row) => [row.name.toLowerCase()]);
  }

  /** Adds the member or changes the role. */
  async putMember(row: MemberRow, tx: Transaction): Promise<void> {
    await this.#members.upsert({ ...row }, { transaction: tx });
  }

  /** False when the person was no member. */
  async removeMember(groupId: string, userId: string, tx: Transaction): Promise<boolean> {
    return (await this.#members.destroy({ where: { groupId, userId }, transaction: tx })) === 1;
  }

  async removePerson(userId: string, tx: Transaction): Promise<void> {
    await this.#members.destroy({ where: { userId }, transaction: tx });
  }

  async memberIds(groupId: string, tx?: Transaction): Promise<string[]> {
    const rows = await this.#members.findAll({ where: { groupId }, transaction: tx });
    return rows.map((row) => row.get().userId);
  }

  /** A group by name, as `me` sees it. */
  async findByName(name: string, me: string): Promise<SeenGroup | undefined> {
    const bind = { name, me };
    const [row] = await this.#db.query<SeenGroup>(`${SEEN} WHERE g.name = $name`, { bind, type: QueryTypes.SELECT });
    return row;
  }

  /** Groups by id; those that are gone are left out. */
  async findMany(ids: readonly string[]): Promise<GroupRow[]> {
    if (ids.length === 0) return [];
    const rows = await this.#groups.findAll({ where: { id: [...ids] } });
    return rows.map((row) => row.get({ plain: true }));
  }

  /** Ids of the groups that a person is in, the one for everybody too. */
  async groupsOf(userId: string): Promise<string[]> {
    const sql = `SELECT id FROM groups WHERE everybody
      UNION SELECT group_id FROM group_members WHERE user_id = $userId`;
    const rows = await this.#db.query<{ id: string }>(sql, { bind: { userId }, type: QueryTypes.SELECT });
    return rows.map((row) => row.id);
  }

  /** What an admin set about where servers run; null when nothing, undefined when the group is gone. */
  async placement(id: string): Promise<Partial<GroupPlacement> | null | undefined> {
    const rows = await this.#db.query<{ placement: Partial<GroupPlacement> | null }>(
      'SELECT placement FROM groups WHERE id = $id',
      { bind: { id }, type: QueryTypes.SELECT },
    );
    return rows[0]?.placement;
  }

  /** False when the group is gone. */
  async setPlacement(id: string, placement: GroupPlacement, tx: Transaction): Promise<boolean> {
    const sql = 'UPDATE groups SET placement = $placement WHERE id = $id RETURNING id';
    const bind = { id, placement: JSON.stringify(placement) };
    return (await this.#db.query(sql, { bind, type: QueryTypes.SELECT, transaction: tx })).length > 0;
  }

  /** The groups of a person for which something is set. */
  async placementsOf(userId: string): Promise<PlacedGroup[]> {
    const sql = `SELECT name, everybody, placement FROM groups g WHERE placement IS NOT NULL
      AND (everybody OR EXISTS (SELECT FROM group_members WHERE group_id = g.id AND user_id = $userId))`;
    const rows = await this.#db.query<Omit<PlacedGroup, 'placement'> & { placement: Partial<GroupPlacement> }>(sql, {
      bind: { userId },
      type: QueryTypes.SELECT,
    });
    return rows.map((row) => ({ ...row, placement: storedPlacement(row.placement) }));
  }

  /** Ids of everybody who is in a group where the person is a teacher. */
  async taughtBy(userId: string): Promise<string[]> {
    const rows = await this.#db.query<{ userId: string }>(
      `SELECT DISTINCT taught.user_id AS "userId"
       FROM group_members own JOIN group_members taught ON taught.group_id = own.group_id
       WHERE own.user_id = $userId AND own.role = 'teacher'`,
      { bind: { userId }, type: QueryTypes.SELECT },
    );
    return rows.map((row) => row.userId);
  }
}

/** The shape of the contract. */
export function toGroup(row: SeenGroup): Group {
  return {
    id: row.id,
    name: row.name,
    description: row.description,
    creatorId: row.creatorId,
    memberCount: row.memberCount,
    myRole: row.myRole,
    createdAt: row.createdAt.toISOString(),
  };
}

function nameTaken(error: unknown): never {
  if (!(error instanceof UniqueConstraintError)) throw error;
  throw new AppError('conflict', 'There is a group of this name already. Choose another name.', {
    fields: [{ path: 'name', message: 'is taken' }],
    cause: error,
  });
}
