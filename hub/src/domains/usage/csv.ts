import type { UsageQuery, UsageRow } from '@davit/contract';

type By = UsageQuery['by'];
type Cell = string | number | boolean | null;

const DAY: Column[] = [{ title: 'day', cell: ({ day }) => day }];
const USER: Column[] = [
  { title: 'user', cell: ({ userName }) => userName },
  { title: 'user_id', cell: ({ userId }) => userId },
];
const SERVER: Column[] = [
  { title: 'server', cell: ({ serverName }) => serverName },
  { title: 'server_id', cell: ({ serverId }) => serverId },
  { title: 'server_deleted', cell: ({ serverDeleted }) => serverDeleted },
];
const SUMS: Column[] = [
  { title: 'minutes', cell: ({ minutes }) => rounded(minutes) },
  { title: 'cpu_core_minutes', cell: ({ cpuCoreMinutes }) => rounded(cpuCoreMinutes) },
  { title: 'memory_gb_minutes', cell: ({ memoryGbMinutes }) => rounded(memoryGbMinutes) },
  { title: 'gpu_card_minutes', cell: ({ gpuCardMinutes }) => rounded(gpuCardMinutes) },
  { title: 'since', cell: ({ since }) => since },
];

interface Column {
  title: string;
  cell: (row: UsageRow) => Cell;
}

const COLUMNS: Record<By, Column[]> = {
  user: [...USER, ...SUMS],
  server: [...USER, ...SERVER, ...SUMS],
  day: [...DAY, ...SUMS],
  'server-day': [...DAY, ...USER, ...SERVER, ...SUMS],
  'user-day': [...DAY, ...USER, ...SUMS],
};

/** The first line. The mark before it makes spreadsheets read what follows as UTF-8, which they need for Chinese names. */
export function csvHeader(by: By): string {
  return `\uFEFF${line(COLUMNS[by].map(({ title }) => title))}`;
}

/** One line for each row (RFC 4180). */
export function csvLines(by: By, rows: readonly UsageRow[]): string {
  return rows.map((row) => line(COLUMNS[by].map(({ cell }) => cell(row)))).join('');
}

function line(cells: readonly Cell[]): string {
  return `${cells.map(quoted).join(',')}\r\n`;
}

/**
 * Spreadsheets run a text that begins with one of these as a formula, and names are chosen by people: an apostrophe in
 * front keeps it a text.
 */
function quoted(cell: Cell): string {
  if (typeof cell !== 'string') return String(cell ?? '');
  const text = /^[=+\-@\t\r\n]/.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}
