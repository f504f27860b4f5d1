import type { Quota, Role, User } from '@davit/contract';
import { DataTypes, type Model, type ModelStatic } from 'sequelize';
import type { Database } from '../../platform/db.ts';
import { randomId } from '../../platform/random.ts';

/** A row of `users`. Deleted people keep their row: ids are never reused and usage refers to them. */
export interface UserRow {
  id: string;
  name: string;
  displayName: string;
  role: Role;
  active: boolean;
  /** argon2id in its own text form; null until a password was chosen. */
  passwordHash: string | null;
  /** Exceptions from the role's quota. */
  quota: Partial<Quota>;
  createdAt: Date;
  lastSeenAt: Date | null;
  deletedAt: Date | null;
}

/** A row for a new person; what is left out is as for an ordinary, active one without a password. */
export function newUserRow(now: Date, given: Pick<UserRow, 'name'> & Partial<UserRow>): UserRow {
  return {
    id: randomId(),
    displayName: '',
    role: 'user',
    active: true,
    passwordHash: null,
    quota: {},
    createdAt: now,
    lastSeenAt: null,
    deletedAt: null,
    ...given,
  };
}

/** The table of people. */
export type UserModel = ModelStatic<Model<UserRow>>;

/** Defines it on a database. */
export function defineUserModel(db: Database): UserModel {
  return db.define<Model<UserRow>>('users', {
    id: { type: DataTypes.TEXT, primaryKey: true },
    name: { type: DataTypes.TEXT, allowNull: false },
    displayName: { type: DataTypes.TEXT, allowNull: false },
    role: { type: DataTypes.TEXT, allowNull: false },
    active: { type: DataTypes.BOOLEAN, allowNull: false },
    passwordHash: DataTypes.TEXT,
    quota: { type: DataTypes.JSONB, allowNull: false },
    createdAt: { type: DataTypes.DATE, allowNull: false },
    lastSeenAt: DataTypes.DATE,
    deletedAt: DataTypes.DATE,
  });
}

/** A row of `password_links`; without `userId` it makes the first admin. */
export interface PasswordLinkRow {
  secretHash: string;
  userId: string | null;
  createdAt: Date;
  expiresAt: Date;
}

/** The table of one-time links. */
export type PasswordLinkModel = ModelStatic<Model<PasswordLinkRow>>;

/** Defines it on a database. */
export function definePasswordLinkModel(db: Database): PasswordLinkModel {
  return db.define<Model<PasswordLinkRow>>('password_links', {
    secretHash: { type: DataTypes.TEXT, primaryKey: true },
    userId: DataTypes.TEXT,
    createdAt: { type: DataTypes.DATE, allowNull: false },
    expiresAt: { type: DataTypes.DATE, allowNull: false },
  });
}

/** What the API shows of a row. */
export function toUser(row: UserRow): User {
  return {
    id: row.id,
    name: row.name,
    displayName: row.displayName,
    role: row.role,
    active: row.active,
    hasPassword: row.passwordHash !== null,
    quota: row.quota,
    createdAt: row.createdAt.toISOString(),
    lastSeenAt: row.lastSeenAt?.toISOString() ?? null,
  };
}
