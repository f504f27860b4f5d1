import type { Session } from '@davit/contract';
import { DataTypes, type Model, type ModelStatic } from 'sequelize';
import type { Database } from '../../platform/db.ts';

/** A row of `sessions`. `id` is shown to people and says nothing about the secret, of which only the hash is kept. */
export interface SessionRow {
  id: string;
  secretHash: string;
  userId: string;
  userAgent: string;
  createdAt: Date;
  lastSeenAt: Date;
  expiresAt: Date;
}

/** The table of sessions. */
export type SessionModel = ModelStatic<Model<SessionRow>>;

/** Defines it on a database. */
export function defineSessionModel(db: Database): SessionModel {
  return db.define<Model<SessionRow>>('sessions', {
    id: { type: DataTypes.TEXT, primaryKey: true },
    secretHash: { type: DataTypes.TEXT, allowNull: false },
    userId: { type: DataTypes.TEXT, allowNull: false },
    userAgent: { type: DataTypes.TEXT, allowNull: false },
    createdAt: { type: DataTypes.DATE, allowNull: false },
    lastSeenAt: { type: DataTypes.DATE, allowNull: false },
    expiresAt: { type: DataTypes.DATE, allowNull: false },
  });
}

/** What the API shows of a row. */
export function toSession(row: SessionRow, currentId: string): Session {
  return {
    id: row.id,
    createdAt: row.createdAt.toISOString(),
    lastSeenAt: row.lastSeenAt.toISOString(),
    expiresAt: row.expiresAt.toISOString(),
    userAgent: row.userAgent,
    current: row.id === currentId,
  };
}
