import type { ICommandPalette } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';

/** The schema of a command that takes nothing. */
export const NO_ARGUMENTS = { type: 'object', properties: {}, additionalProperties: false } as const;

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
  for (const command of commands) palette?.addItem({ command, category: trans.__('Davit') });
}
