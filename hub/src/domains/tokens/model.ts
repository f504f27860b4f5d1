import type { Scope, Token } from '@davit/contract';
import { DataTypes, type Model, type ModelStatic } from 'sequelize';
import type { Database } from '../../platform/db.ts';

/** A row of `tokens`; of the secret only the hash is kept. */
export interface TokenRow {
  id: string;
  secretHash: string;
  userId: string;
  name: string;
  scopes: Scope[];
  createdAt: Date;
  /** null: until revoked. */
  expiresAt: Date | null;
  lastUsedAt: Date | null;
}

/** The table of API tokens. */
export type TokenModel = ModelStatic<Model<TokenRow>>;

/** Defines it on a database. */
export function defineTokenModel(db: Database): TokenModel {
  return db.define<Model<TokenRow>>('tokens', {
    id: { type: DataTypes.TEXT, primaryKey: true },
    secretHash: { type: DataTypes.TEXT, allowNull: false },
    userId: { type: DataTypes.TEXT, allowNull: false },
    name: { type: DataTypes.TEXT, allowNull: false },
    scopes: { type: DataTypes.JSONB, allowNull: false },
    createdAt: { type: DataTypes.DATE, allowNull: false },
    expiresAt: DataTypes.DATE,
    lastUsedAt: DataTypes.DATE,
  });
}

/** What the API shows of a row. */
export function toToken(row: TokenRow): Token {
  return {
    id: row.id,
    name: row.name,
    scopes: row.scopes,
    createdAt: row.createdAt.toISOString(),
    expiresAt: row.expiresAt?.toISOString() ?? null,
    lastUsedAt: row.lastUsedAt?.toISOString() ?? null,
  };
}
