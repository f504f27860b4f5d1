import { QueryTypes } from 'sequelize';
import type { Database, Transaction } from '../../platform/db.ts';

/** Settings as rows of key and value; only what was ever changed has a row. */
export class SettingsStore {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  async load(tx?: Transaction): Promise<Record<string, unknown>> {
    const rows = await this.#db.query<{ key: string; value: unknown }>('SELECT key, value FROM settings', {
      type: QueryTypes.SELECT,
      transaction: tx,
    });
    return Object.fromEntries(rows.map((row) => [row.key, row.value]));
  }

  /** Writes each given setting; the others stay, so that two admins who change different ones both succeed. */
  async save(values: Record<string, unknown>, tx: Transaction): Promise<void> {
    // In the order of their keys: two transactions that lock the same rows in different orders would block each other.
    for (const key of Object.keys(values).sort()) {
      await this.#db.query(
        `INSERT INTO settings (key, value) VALUES ($key, $value::jsonb)
         ON CONFLICT (key) DO UPDATE SET value = excluded.value`,
        { bind: { key, value: JSON.stringify(values[key]) }, transaction: tx },
      );
    }
  }
}
