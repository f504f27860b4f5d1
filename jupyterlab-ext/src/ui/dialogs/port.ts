import { InputDialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';

const MAX_PORT = 65_535;

/** Asks for a port; undefined when the person thinks better of it. */
export async function askPort(trans: TranslationBundle): Promise<number | undefined> {
  const { value, button } = await InputDialog.getNumber({
    title: trans.__('Open a port'),
    label: trans.__('A web app that listens inside this server, on port'),
    okLabel: trans.__('Open'),
    value: 8080,
  });
  if (!button.accept || value === null) return undefined;
  return Number.isInteger(value) && value >= 1 && value <= MAX_PORT ? value : undefined;
}
