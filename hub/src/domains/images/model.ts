import type { Editor, ImagePhase } from '@davit/contract';
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
  createdAt: Date;
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

export interface ImageModels {
  images: ModelStatic<Model<ImageRecord, Partial<ImageRecord>>>;
  locations: ModelStatic<Model<LocationRecord>>;
}

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
  return { images, locations };
}
