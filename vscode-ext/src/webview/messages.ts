import { saveImageSchema, type SaveImage, type SavePreview, type UsageRow, type UsageSummary } from '@davit/contract';

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
export type FromPage =
  | { type: 'ready'; timeZone: string }
  | { type: 'save'; input: SaveImage }
  | { type: 'retry' | 'saveFiles' | 'close' | 'export' };

/** The message of a page, or undefined for what is none: a page is drawn from what the hub says, so it is not trusted. */
export function parseFromPage(raw: unknown): FromPage | undefined {
  const { type, timeZone, input } = (raw ?? {}) as { type?: unknown; timeZone?: unknown; input?: unknown };
  switch (type) {
    case 'ready':
      return typeof timeZone === 'string' ? { type, timeZone } : undefined;
    case 'save': {
      const parsed = saveImageSchema.safeParse(input);
      return parsed.success ? { type, input: parsed.data } : undefined;
    }
    case 'retry':
    case 'saveFiles':
    case 'close':
    case 'export':
      return { type };
    default:
      return undefined;
  }
}
