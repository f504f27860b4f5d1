import type { GroupRole } from '@davit/contract';
import { DataTypes, type Model, type ModelStatic } from 'sequelize';
import type { Database } from '../../platform/db.ts';

/** A row of `groups`. `everybody` marks the group `public`, which has no member rows. */
export interface GroupRow {
  id: string;
  name: string;
  description: string;
  everybody: boolean;
  creatorId: string | null;
  createdAt: Date;
}

/** The table of groups. */
export type GroupModel = ModelStatic<Model<GroupRow>>;

/** Defines it on a database. */
export function defineGroupModel(db: Database): GroupModel {
  return db.define<Model<GroupRow>>('groups', {
    id: { type: DataTypes.TEXT, primaryKey: true },
    name: { type: DataTypes.TEXT, allowNull: false },
    description: { type: DataTypes.TEXT, allowNull: false },
    everybody: { type: DataTypes.BOOLEAN, allowNull: false },
    creatorId: DataTypes.TEXT,
    createdAt: { type: DataTypes.DATE, allowNull: false },
  });
}

/** A row of `group_members`. */
export interface MemberRow {
  groupId: string;
  userId: string;
  role: GroupRole;
}

/** The table of who is in which group. */
export type MemberModel = ModelStatic<Model<MemberRow>>;

/** Defines it on a database. */
export function defineMemberModel(db: Database): MemberModel {
  return db.define<Model<MemberRow>>('group_members', {
    groupId: { type: DataTypes.TEXT, primaryKey: true },
    userId: { type: DataTypes.TEXT, primaryKey: true },
    role: { type: DataTypes.TEXT, allowNull: false },
  });
}
