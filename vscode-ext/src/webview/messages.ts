import { saveImageSchema, type SavePreview, type UsageRow, type UsageSummary } from '@davit/contract';
import { z } from 'zod';

/** What each page is told by the extension; a page draws the last state that it got. */
export interface PageStates {
  save: SavePageState;
  usage: UsagePageState;
}

/** Undefined parts are on their way. */
export interface SavePageState {
  preview?: SavePreview;
  /** `name:version` of the person's own images. */
  taken: string[];
  /** Names of files with unsaved changes. */
  unsaved: string[];
  pending: boolean;
  error?: string;
  fieldErrors?: Record<string, string>;
}

export interface UsagePageState {
  summary?: UsageSummary;
  byServer?: UsageRow[];
  error?: string;
}

export type PageName = keyof PageStates;

/** What goes to a page. */
export interface ToPage<P extends PageName> {
  type: 'state';
  state: PageStates[P];
}

/** What comes from a page. `ready` tells that it can take its state, and the zone of the person's own clock. */
export const fromPageSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready'), timeZone: z.string() }),
  z.object({ type: z.literal('retry') }),
  z.object({ type: z.literal('save'), input: saveImageSchema }),
  z.object({ type: z.literal('saveFiles') }),
  z.object({ type: z.literal('close') }),
  z.object({ type: z.literal('export') }),
]);
export type FromPage = z.infer<typeof fromPageSchema>;
