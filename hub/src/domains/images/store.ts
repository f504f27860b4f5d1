import type { ImagePhase } from '@davit/contract';
import { Op, QueryTypes, type FindOptions } from 'sequelize';
import type { Database } from '../../platform/db.ts';
import { randomId } from '../../platform/random.ts';
import type { BuiltInImage, ImageLocation } from './imageSource.ts';
import { defineImageModels, type ImageModels, type ImageRecord } from './model.ts';

/** An image with its size where this hub's engine has it. */
export interface StoredImage extends ImageRecord {
  sizeBytes: number | null;
}

/** What is told of an image whose phase changed. */
export type ChangedImage = Pick<ImageRecord, 'id' | 'name' | 'ownerId' | 'visibility' | 'phase' | 'revision'>;

/** Whose images a list shows, and the key of the last row of the page before. */
export interface ImagePage {
  userId: string;
  after: { name: string; id: string } | undefined;
  limit: number;
}

/** All SQL of images. `engine` names the engine whose locations count. */
export class ImageStore {
  readonly #db: Database;
  readonly #models: ImageModels;
  readonly #engine: string;

  constructor(db: Database, engine: string) {
    this.#db = db;
    this.#models = defineImageModels(db);
    this.#engine = engine;
  }

  /**
   * Makes the rows of built-in images equal to the catalogue: one row per name, whose id stays when its version moves on.
   * A row that the catalogue no longer has is retired, because servers may still name it. Unchanged rows are not written.
   */
  async syncBuiltIns(catalogue: readonly BuiltInImage[], now: Date): Promise<void> {
    await this.#db.transaction(async (transaction) => {
      for (const image of catalogue) {
        const replacements = { ...image, editors: JSON.stringify(image.editors), id: randomId(), now };
        await this.#db.query(UPSERT_BUILT_IN, { replacements, transaction });
      }
      const names = catalogue.map((image) => image.name);
      await this.#models.images.update(
        { retiredAt: now, revision: this.#db.literal('revision + 1') },
        { where: { ownerId: null, retiredAt: null, name: { [Op.notIn]: names } }, transaction },
      );
    });
  }

  async builtIns(): Promise<StoredImage[]> {
    return this.#find({ where: { ownerId: null, retiredAt: null } });
  }

  /** Images by id, retired ones too, because a server shows the name of its image. */
  async findMany(ids: readonly string[]): Promise<StoredImage[]> {
    if (ids.length === 0) return [];
    return this.#find({ where: { id: [...ids] } });
  }

  /** Public images and the person's own by name, one more than `limit` to tell whether there is a next page. */
  async page({ userId, after, limit }: ImagePage): Promise<StoredImage[]> {
    const usable = { retiredAt: null, [Op.or]: [{ visibility: 'public' as const }, { ownerId: userId }] };
    const later =
      after === undefined
        ? {}
        : { [Op.or]: [{ name: { [Op.gt]: after.name } }, { name: after.name, id: { [Op.gt]: after.id } }] };
    return this.#find({
      where: { [Op.and]: [usable, later] },
      order: [
        ['name', 'ASC'],
        ['id', 'ASC'],
      ],
      limit: limit + 1,
    });
  }

  /** Writes phase and reason when they differ; undefined when they were so already. */
  async setPhase(id: string, phase: ImagePhase, reason: string | undefined): Promise<ChangedImage | undefined> {
    const replacements = { id, phase, reason: reason ?? null };
    const [row] = await this.#db.query<ChangedImage>(SET_PHASE, { replacements, type: QueryTypes.SELECT });
    return row;
  }

  /** Leaves word that the image shall be built, for the hub that acts. */
  async wantBuild(id: string, reason: string): Promise<ChangedImage | undefined> {
    const replacements = { id, reason };
    const [row] = await this.#db.query<ChangedImage>(WANT_BUILD, { replacements, type: QueryTypes.SELECT });
    return row;
  }

  /** Built-in images that shall be built; each is told once. */
  async takeWantedBuilds(): Promise<StoredImage[]> {
    const sql = 'UPDATE images SET build_wanted = false WHERE build_wanted RETURNING id';
    const found = await this.#db.query<{ id: string }>(sql, { type: QueryTypes.SELECT });
    return this.findMany(found.map(({ id }) => id));
  }

  /** Where this hub's engine was last known to have the image. */
  async location(imageId: string): Promise<ImageLocation | undefined> {
    const row = await this.#models.locations.findOne({ where: { imageId, engine: this.#engine } });
    if (row === null) return undefined;
    const { ref, digest, sizeBytes } = row.get({ plain: true });
    return { ref, digest, sizeBytes: Number(sizeBytes) };
  }

  /** Content ids of all that rows say this hub's engine has. */
  async digests(): Promise<string[]> {
    const rows = await this.#models.locations.findAll({ where: { engine: this.#engine } });
    return rows.map((row) => row.get({ plain: true }).digest);
  }

  async saveLocation(imageId: string, location: ImageLocation): Promise<void> {
    await this.#models.locations.upsert({ imageId, engine: this.#engine, ...location });
  }

  async dropLocation(imageId: string): Promise<void> {
    await this.#models.locations.destroy({ where: { imageId, engine: this.#engine } });
  }

  async #find(options: FindOptions<ImageRecord>): Promise<StoredImage[]> {
    const images = (await this.#models.images.findAll(options)).map((row) => row.get({ plain: true }));
    const where = { imageId: images.map((image) => image.id), engine: this.#engine };
    const locations = images.length === 0 ? [] : await this.#models.locations.findAll({ where });
    const sizes = new Map(locations.map((row) => [row.get('imageId'), Number(row.get('sizeBytes'))]));
    return images.map((image) => ({ ...image, sizeBytes: sizes.get(image.id) ?? null }));
  }
}

const UPSERT_BUILT_IN = `
  INSERT INTO images (id, name, version, title, description, visibility, editors, phase, created_at)
  VALUES (:id, :name, :version, :title, :description, 'public', :editors, 'absent', :now)
  ON CONFLICT (name) WHERE owner_id IS NULL DO UPDATE
  SET version = excluded.version, title = excluded.title, description = excluded.description,
    editors = excluded.editors, retired_at = NULL, revision = images.revision + 1
  WHERE (images.version, images.title, images.description, images.editors, images.retired_at)
    IS DISTINCT FROM (excluded.version, excluded.title, excluded.description, excluded.editors, NULL::timestamptz)`;

const CHANGED = 'id, name, owner_id AS "ownerId", visibility, phase, revision';

const WANT_BUILD = `
  UPDATE images SET build_wanted = true, phase = 'building', reason = :reason,
    revision = revision + 1
  WHERE id = :id RETURNING ${CHANGED}`;

const SET_PHASE = `
  UPDATE images SET phase = :phase, reason = :reason, revision = revision + 1
  WHERE id = :id AND (phase, reason) IS DISTINCT FROM (:phase, :reason)
  RETURNING ${CHANGED}`;
