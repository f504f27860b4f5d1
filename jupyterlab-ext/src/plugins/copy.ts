import { Notification } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { short } from './failure.ts';

/** Copies for a command and says so, also where the page came over plain http and has no clipboard of its own. */
export async function copyAndTell(text: string, trans: TranslationBundle): Promise<void> {
  const { copyText } = await import('@davit/ui');
  if (await copyText(text)) Notification.info(trans.__('Copied'), { autoClose: 2000 });
  else Notification.error(short(trans.__('The browser did not copy it. Copy it by hand: %1', text)));
}
