import type { Language } from '../i18n/language.ts';

/** What a release or reset would end, as the editor knows it. */
export interface Losses {
  /** Names of files and notebooks with unsaved changes. */
  unsaved: readonly string[];
  terminals: readonly string[];
  tasks: readonly string[];
  debugging: readonly string[];
  /** Notebooks that run a cell. */
  notebooks: readonly string[];
}

const SHOWN = 8;

/**
 * The text below the question: what is unsaved, what runs here, what else goes on in the server as the hub says in
 * `goingOn`, what is lost and what stays.
 */
export function lossesText(
  losses: Losses,
  { lead, goingOn }: { lead: string; goingOn: readonly string[] },
  { texts }: Language,
): string {
  const { release } = texts;
  const running = [
    ...losses.notebooks.map((name) => release.notebook(name)),
    ...losses.tasks.map((name) => release.task(name)),
    ...losses.debugging.map((name) => release.debug(name)),
    // A terminal has no name yet while its shell starts.
    ...losses.terminals.map((name) => release.terminal(name).trim()),
  ];
  const parts = [
    lead,
    listText(release.unsaved(losses.unsaved.length), losses.unsaved, release.more),
    listText(release.running(running.length), running, release.more),
    goingOn.join('\n'),
    release.lost,
    release.stays,
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}

function listText(title: string, items: readonly string[], more: (count: number) => string): string {
  if (items.length === 0) return '';
  const rest = items.length - SHOWN;
  const lines = items.slice(0, SHOWN).map((item) => `• ${item}`);
  return [title, ...lines, ...(rest > 0 ? [`• ${more(rest)}`] : [])].join('\n');
}
