import type { ICommandPalette } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';

/** The schema of a command that takes nothing but where it is called from, which some labels depend on. */
export const NO_ARGUMENTS = {
  type: 'object',
  properties: { isPalette: { type: 'boolean' }, isMenu: { type: 'boolean' } },
  additionalProperties: false,
} as const;

/**
 * True in menus and the palette: there a label stands alone, without a panel or a card around it that says what it is
 * about, and without an icon, as JupyterLab's own.
 */
export function standsAlone({ isPalette, isMenu }: { isPalette?: unknown; isMenu?: unknown }): boolean {
  return isPalette === true || isMenu === true;
}

/** The schema of a command that takes one id. */
export function oneId(name: string, description: string) {
  return {
    type: 'object',
    properties: { [name]: { type: 'string', description } },
    required: [name],
    additionalProperties: false,
  } as const;
}

/** Lists commands in the palette under the extension's own heading. */
export function addToPalette(
  palette: ICommandPalette | null,
  trans: TranslationBundle,
  commands: readonly string[],
): void {
  for (const command of commands) palette?.addItem({ command, category: trans.__('Davit'), args: { isPalette: true } });
}
