import type { Editor, ImagePhase, ImageShare, LaunchOptions } from '@davit/contract';
import { DataTypes, type Model, type ModelStatic } from 'sequelize';
import type { Database } from '../../platform/db.ts';

/** A row of `images` as the database has it. `revision` grows with each change, `version` is the image's own. */
export interface ImageRecord {
  id: string;
  ownerId: string | null;
  name: string;
  version: string;
  title: string;
  description: string;
  visibility: 'private' | 'public';
  editors: Editor[];
  parentId: string | null;
  phase: ImagePhase;
  reason: string | null;
  /** What an admin set; the rest is as the contract's defaults say. */
  launch: Partial<LaunchOptions>;
  createdAt: Date;
  /** Since when it is no longer there for anybody; servers still show its name. */
  retiredAt: Date | null;
  revision: number;
}

/** A row of `image_locations`; `sizeBytes` is a bigint column, which arrives as a string. */
export interface LocationRecord {
  imageId: string;
  engine: string;
  ref: string;
  digest: string;
  sizeBytes: string | number;
}

/** A row of `image_shares`. */
export interface ShareRecord {
  imageId: string;
  kind: ImageShare['kind'];
  subjectId: string;
}

/** The tables of images, where they lie, and with whom they are shared. */
export interface ImageModels {
  images: ModelStatic<Model<ImageRecord, Partial<ImageRecord>>>;
  locations: ModelStatic<Model<LocationRecord>>;
  shares: ModelStatic<Model<ShareRecord>>;
}

/** Column of `images` for each field. */
export const IMAGE_COLUMNS: Record<keyof ImageRecord, string> = {
  id: 'id',
  ownerId: 'owner_id',
  name: 'name',
  version: 'version',
  title: 'title',
  description: 'description',
  visibility: 'visibility',
  editors: 'editors',
  parentId: 'parent_id',
  phase: 'phase',
  reason: 'reason',
  launch: 'launch',
  createdAt: 'created_at',
  retiredAt: 'retired_at',
  revision: 'revision',
};

/** Defines the models of this domain on a database handle. */
export function defineImageModels(db: Database): ImageModels {
  const images = db.define<Model<ImageRecord, Partial<ImageRecord>>>('images', {
    id: { type: DataTypes.TEXT, primaryKey: true },
    ownerId: DataTypes.TEXT,
    name: DataTypes.TEXT,
    version: DataTypes.TEXT,
    title: DataTypes.TEXT,
    description: DataTypes.TEXT,
    visibility: DataTypes.TEXT,
    editors: DataTypes.JSONB,
    parentId: DataTypes.TEXT,
    phase: DataTypes.TEXT,
    reason: DataTypes.TEXT,
    launch: DataTypes.JSONB,
    createdAt: DataTypes.DATE,
    retiredAt: DataTypes.DATE,
    revision: DataTypes.INTEGER,
  });
  const locations = db.define<Model<LocationRecord>>('image_locations', {
    imageId: { type: DataTypes.TEXT, primaryKey: true },
    engine: { type: DataTypes.TEXT, primaryKey: true },
    ref: DataTypes.TEXT,
    digest: DataTypes.TEXT,
    sizeBytes: DataTypes.BIGINT,
  });
  const shares = db.define<Model<ShareRecord>>('image_shares', {
    imageId: { type: DataTypes.TEXT, primaryKey: true },
    kind: { type: DataTypes.TEXT, primaryKey: true },
    subjectId: { type: DataTypes.TEXT, primaryKey: true },
  });
  return { images, locations, shares };
}
