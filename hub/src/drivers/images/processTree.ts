import { readdir, readFile } from 'node:fs/promises';

interface ProcessRow {
  pid: number;
  parent: number;
  group: number;
}

/**
 * The processes that descend from `pid` but left its process group, as far as /proc tells: what an engine without a
 * daemon runs inside a container of a build. Empty where there is no /proc.
 */
export async function strayDescendants(pid: number): Promise<number[]> {
  const rows = await readProcesses();
  const found = new Set([pid]);
  // Ids are not ordered by age, so look until nothing new turns up.
  for (let before = 0; before < found.size;) {
    before = found.size;
    for (const row of rows) if (found.has(row.parent)) found.add(row.pid);
  }
  return rows.filter((row) => found.has(row.pid) && row.pid !== pid && row.group !== pid).map((row) => row.pid);
}

async function readProcesses(): Promise<ProcessRow[]> {
  const names = await readdir('/proc').catch(() => []);
  const rows = names
    .filter((name) => /^\d+$/.test(name))
    .map(async (name) => parseStat(await readFile(`/proc/${name}/stat`, 'utf8').catch(() => '')));
  return (await Promise.all(rows)).filter((row) => row !== undefined);
}

/** Reads pid, parent and group of a line of /proc/<pid>/stat; the name in brackets may itself hold brackets and spaces. */
export function parseStat(line: string): ProcessRow | undefined {
  const match = /^(\d+) \(.*\) \S (\d+) (\d+) /s.exec(line);
  return match === null ? undefined : { pid: Number(match[1]), parent: Number(match[2]), group: Number(match[3]) };
}
