import type { Image } from '@davit/contract';
import { QueryTypes } from 'sequelize';
import type { Database, Transaction } from '../../platform/db.ts';
import type { ImageLocation } from './imageSource.ts';
import { defineImageModels, IMAGE_COLUMNS, type ImageModels, type ImageRecord, type ShareRecord } from './model.ts';

/** Who looks: a person and the groups that the person is in. */
export interface Viewer {
  userId: string;
  groupIds: readonly string[];
}

/** An image as one person sees it. */
export interface SeenImage extends ImageRecord {
  /** Where this hub's engine has it. */
  sizeBytes: number | null;
  /** Shared with the person, directly or through a group. */
  shared: boolean;
}

/** Which images a list shows, and the key of the last row of the page before. */
export interface ImageFilter {
  viewer: Viewer;
  /** Everybody's, for admins. */
  all: boolean;
  origin: Image['origin'] | undefined;
  /** Only of this owner. */
  ownerId: string | undefined;
  /** Words, each of which is in the name, title, description or editors. */
  search: string | undefined;
  /** Titles and descriptions of built-in images as the reader sees them; words may be in these too. */
  translations: Readonly<Record<string, string>>;
  after: { name: string; createdAt: Date; id: string } | undefined;
  limit: number;
}

/** What a person may change of an image. */
export type ImageChanges = Partial<Pick<ImageRecord, 'description' | 'visibility' | 'launch'>>;

/** Where a deleted image still lies in this hub's engine. */
export interface Leftover extends Pick<ImageLocation, 'ref' | 'digest'> {
  imageId: string;
  /** Another image that is there lies in the same repository with the same content: a registry would lose both. */
  isShared: boolean;
}

const SELECTED = Object.entries(IMAGE_COLUMNS)
  .map(([key, column]) => `i.${column} AS "${key}"`)
  .join(', ');

const SHARED = `EXISTS (SELECT FROM image_shares s WHERE s.image_id = i.id AND
  (s.kind = 'user' AND s.subject_id = $userId OR s.kind = 'group' AND s.subject_id = ANY($groupIds::text[])))`;

const SEEN = `SELECT * FROM (
  SELECT ${SELECTED}, l.size_bytes::float8 AS "sizeBytes", ${SHARED} AS shared,
    date_trunc('milliseconds', i.created_at) AS created
  FROM images i LEFT JOIN image_locations l ON l.image_id = i.id AND l.engine = $engine) seen`;

/** Whose an image is from the viewer's side; the same words as in `originOf`. */
const ORIGIN = `CASE WHEN "ownerId" IS NULL THEN 'built-in' WHEN "ownerId" = $userId THEN 'own'
  WHEN shared OR visibility = 'private' THEN 'shared' ELSE 'public' END`;

const USABLE = `("ownerId" = $userId OR visibility = 'public' OR shared)`;

/** What the reader sees of a built-in image in another language than English. */
const TRANSLATED = `CASE WHEN "ownerId" IS NULL
  THEN concat_ws(' ', $translations::jsonb ->> title, $translations::jsonb ->> description) END`;

/** The repository of a reference, without the host in front and without the tag or digest behind. */
function repositoryOf(ref: string): string {
  return `regexp_replace(regexp_replace(${ref}, '[:@][^/]*$', ''), '^[^/]*/', '')`;
}

/** The SQL of what people do with images. `engine` names the engine whose locations count. */
export class LibraryStore {
  readonly #db: Database;
  readonly #models: ImageModels;
  readonly #engine: string;

  constructor(db: Database, engine: string) {
    this.#db = db;
    this.#models = defineImageModels(db);
    this.#engine = engine;
  }

  transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    return this.#db.transaction(work);
  }

  /** Images by id as the viewer sees them, also those that the viewer may not use and retired ones. */
  async see(ids: readonly string[], viewer: Viewer): Promise<SeenImage[]> {
    if (ids.length === 0) return [];
    return this.#query(`${SEEN} WHERE id = ANY($ids::text[])`, { ...viewer, ids: [...ids] });
  }

  /** By name, the newest of a name first; one more than `limit` to tell whether there is a next page. */
  async page({ viewer, all, origin, ownerId, search, translations, after, limit }: ImageFilter): Promise<SeenImage[]> {
    const conditions = ['"retiredAt" IS NULL'];
    if (!all) conditions.push(USABLE);
    if (origin !== undefined) conditions.push(`${ORIGIN} = $origin`);
    if (ownerId !== undefined) conditions.push('"ownerId" = $ownerId');
    if (search !== undefined) {
      conditions.push(`NOT EXISTS (SELECT FROM regexp_split_to_table(lower($search), '\\s+') AS word WHERE
        strpos(lower(concat_ws(' ', name || ':' || version, title, description, editors, ${TRANSLATED})), word) = 0)`);
    }
    if (after !== undefined) conditions.push('(name > $name OR name = $name AND (created, id) < ($createdAt, $id))');
    const sql = `${SEEN} WHERE ${conditions.join(' AND ')} ORDER BY name, created DESC, id DESC LIMIT $limit`;
    const bound = { origin, ownerId, search, translations: JSON.stringify(translations), ...after };
    return this.#query(sql, { ...viewer, ...bound, limit: limit + 1 });
  }

  /** Changes an image that is there; undefined when it is not (any more). */
  async update(id: string, changes: ImageChanges): Promise<ImageRecord | undefined> {
    const revision = this.#db.literal('revision + 1');
    const options = { where: { id, retiredAt: null }, returning: true } as const;
    const [, rows] = await this.#models.images.update({ ...changes, revision }, options);
    return rows[0]?.get({ plain: true });
  }

  /** With whom images are shared. */
  async sharesOf(imageIds: readonly string[], transaction?: Transaction): Promise<ShareRecord[]> {
    if (imageIds.length === 0) return [];
    const rows = await this.#models.shares.findAll({ where: { imageId: [...imageIds] }, transaction });
    return rows.map((row) => row.get({ plain: true }));
  }

  /** Puts shares in the place of those that an image has. */
  async replaceShares(imageId: string, shares: readonly ShareRecord[], transaction: Transaction): Promise<void> {
    await this.#models.shares.destroy({ where: { imageId }, transaction });
    await this.#models.shares.bulkCreate([...shares], { transaction });
  }

  /** A deleted person or group is shared with no longer. */
  async dropSharesWith(kind: ShareRecord['kind'], subjectId: string, transaction: Transaction): Promise<void> {
    await this.#models.shares.destroy({ where: { kind, subjectId }, transaction });
  }

  /**
   * The image, if it is there, locked until the transaction ends: `use` against being deleted, `change` against all else.
   * Whoever makes something that uses an image does it under the first, whoever deletes one under the second.
   */
  async lock(id: string, mode: 'use' | 'change', transaction: Transaction): Promise<ImageRecord | undefined> {
    const lock = mode === 'use' ? transaction.LOCK.SHARE : transaction.LOCK.UPDATE;
    const row = await this.#models.images.findOne({ where: { id, retiredAt: null }, lock, transaction });
    return row?.get({ plain: true });
  }

  /** Takes an image away from everybody. Its location stays until the engine has forgotten it too. */
  async retire(id: string, now: Date, transaction: Transaction): Promise<void> {
    const revision = this.#db.literal('revision + 1');
    await this.#models.images.update({ retiredAt: now, revision }, { where: { id }, transaction });
    await this.#models.shares.destroy({ where: { imageId: id }, transaction });
  }

  /** Images that people deleted and that this hub's engine still has, as far as is known. */
  async leftovers(): Promise<Leftover[]> {
    const sql = `SELECT l.image_id AS "imageId", l.ref, l.digest, EXISTS (
        SELECT FROM image_locations o JOIN images j ON j.id = o.image_id
        WHERE o.engine = l.engine AND j.retired_at IS NULL AND o.digest = l.digest
          AND ${repositoryOf('o.ref')} = ${repositoryOf('l.ref')}) AS "isShared"
      FROM image_locations l JOIN images i ON i.id = l.image_id
      WHERE l.engine = $engine AND i.retired_at IS NOT NULL AND i.owner_id IS NOT NULL`;
    return this.#db.query<Leftover>(sql, { bind: { engine: this.#engine }, type: QueryTypes.SELECT });
  }

  /** Images that are there and lie in a repository, named without its host, as the viewer sees them. */
  async inRepository(repository: string, viewer: Viewer): Promise<SeenImage[]> {
    const located = `SELECT image_id FROM image_locations WHERE engine = $engine AND ${repositoryOf('ref')} = $repository`;
    const sql = `${SEEN} WHERE "retiredAt" IS NULL AND id IN (${located})`;
    return this.#query(sql, { ...viewer, repository });
  }

  #query(sql: string, bind: Record<string, unknown>): Promise<SeenImage[]> {
    return this.#db.query<SeenImage>(sql, { bind: { ...bind, engine: this.#engine }, type: QueryTypes.SELECT });
  }
}
