import { lineSchema, passwordSchema, roleSchema, userNameSchema } from '@davit/contract';
import { parse } from 'csv-parse/sync';
import { z } from 'zod';
import { AppError, messageOf } from '../../platform/errors.ts';

const lineOfCsv = z.object({
  name: userNameSchema,
  displayName: lineSchema(100).optional(),
  role: roleSchema.default('user'),
  password: passwordSchema.optional(),
  active: z.stringbool('must be true or false').default(true),
});
const COLUMNS = Object.keys(lineOfCsv.shape);

/** Each password costs some 20 ms of a core; more lines than these go in several files. */
const MAX_LINES = 2000;

/** One line of the file, counted from 1 with the header: what it says, or why it cannot be used. */
export type ImportLine =
  { line: number; name: string; person: z.output<typeof lineOfCsv> } | { line: number; name: string; refusal: string };

interface CsvRecord {
  record: string[];
  info: { lines: number };
}

/** Reads a CSV with a header line. Throws bad-request when the header is not understood; a bad line is only marked. */
export function parsePeople(csv: string): ImportLine[] {
  const [header, ...rest] = read(csv);
  if (header === undefined) throw badCsv('is empty');
  checkHeader(header.record);
  if (rest.length > MAX_LINES) throw badCsv(`has more than ${MAX_LINES} lines; split it`);
  return rest.map(({ record, info }) => toLine(header.record, record, info.lines));
}

/** Lenient where the meaning is clear. What remains is a quote that is never closed, which swallows all that follows. */
function read(csv: string): CsvRecord[] {
  try {
    return parse(csv, {
      bom: true,
      trim: true,
      info: true,
      relax_column_count: true,
      relax_quotes: true,
      skip_empty_lines: true,
    }) as unknown as CsvRecord[];
  } catch (error) {
    throw badCsv(`cannot be read: ${messageOf(error)}`);
  }
}

function checkHeader(header: readonly string[]): void {
  const unknown = header.find((column) => !COLUMNS.includes(column));
  if (unknown !== undefined) {
    throw badCsv(`has the unknown column "${unknown}" in its first line; known are ${COLUMNS.join(', ')}`);
  }
  const twice = header.find((column, index) => header.indexOf(column) !== index);
  if (twice !== undefined) throw badCsv(`has the column "${twice}" twice`);
  if (!header.includes('name')) throw badCsv('lacks the column "name" in its first line');
}

function toLine(header: readonly string[], record: readonly string[], line: number): ImportLine {
  const values = Object.fromEntries(header.map((column, index) => [column, record[index] || undefined]));
  const name = values['name'] ?? '';
  if (record.length > header.length) {
    return { line, name, refusal: `The line has ${record.length} values but the first line names ${header.length}.` };
  }
  const parsed = lineOfCsv.safeParse(values);
  if (parsed.success) return { line, name, person: parsed.data };
  const problems = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  return { line, name, refusal: problems.join('; ') };
}

function badCsv(message: string): AppError {
  return new AppError('bad-request', `The CSV ${message}.`, { fields: [{ path: 'csv', message }] });
}
