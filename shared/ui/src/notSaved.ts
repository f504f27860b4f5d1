import type { SavePreview } from '@davit/contract';
import { formatBytes } from './format.ts';
import type { ImageTexts } from './imageTexts.ts';

/** The three folders of work files; what lies in them is told by the folder. */
const FOLDER = /^\/data\/(private|public|share)(?:\/|$)/;

/** What a place is that no image holds, and how large it is. Nobody measures what is not the person's own. */
export function placeText({ path, why, bytes }: SavePreview['notSaved'][number], texts: ImageTexts['save']): string {
  const folder = FOLDER.exec(path)?.[1] as 'private' | 'public' | 'share' | undefined;
  const words = texts.why[why === 'data' ? (folder ?? why) : why];
  if (bytes === null && (folder === 'public' || folder === 'share')) return words;
  return texts.whySize(words, bytes === null ? texts.unmeasured : formatBytes(bytes));
}
