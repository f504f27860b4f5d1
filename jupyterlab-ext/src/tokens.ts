import type {
  AnyRoute,
  ChangeEvent,
  Freed,
  Image,
  ImageJob,
  ReleasePolicy,
  ReleaseState,
  RouteCall,
  RouteOutput,
  SaveImage,
  SavePreview,
  Server,
  ServerApiInfo,
  ServerMetrics,
  UsageRow,
  UsageSummary,
} from '@davit/contract';
import type * as Contract from '@davit/contract';
import { Token } from '@lumino/coreutils';
import type { IDisposable } from '@lumino/disposable';
import type { ISignal } from '@lumino/signaling';

/**
 * How this page stands towards its hub. `absent`: this JupyterLab was not started by a hub, or by one that is too old.
 * `lost`: it was there and does not answer now. `signed-out`: it answers, but no longer to this browser.
 */
export type HubPhase = 'looking' | 'absent' | 'connected' | 'lost' | 'signed-out';

/** What to ask again: one kind of thing, or all of it after a time without news. */
export type Change = ChangeEvent | 'all';

/** The hub that started this JupyterLab, asked on the page's own origin. */
export interface IHub extends IDisposable {
  readonly phase: HubPhase;
  /** Who and what this page is; kept while the hub is lost. */
  readonly info: ServerApiInfo | undefined;
  /** Path below which all of this server lies: '' or '/s/<id>'; undefined outside a hub. */
  readonly root: string | undefined;
  readonly phaseChanged: ISignal<IHub, HubPhase>;
  /** Hints that something changed; each model asks again for what it shows. */
  readonly changes: ISignal<IHub, Change>;
  /** Resolves with what `route` answers. Rejects with ApiError when refused and TypeError when nothing answers. */
  call<T extends AnyRoute>(route: (contract: typeof Contract) => T, call: RouteCall<T>): Promise<RouteOutput<T>>;
  /** What the hub wrote, which is English, in JupyterLab's language. */
  hubText(text: string): string;
  /** Looks for the hub now instead of at the next turn. */
  retry(): Promise<void>;
}

/** What every model has: a signal for its views, and a count of who looks, without which nothing is polled. */
export interface IModel extends IDisposable {
  readonly changed: ISignal<IModel, void>;
  /** Why the last question failed, in words. */
  readonly failure: string | undefined;
  /** Polls so often, until what it gives back is disposed. */
  watch(everyMs: number): IDisposable;
  refresh(): Promise<void>;
}

/** The server that this JupyterLab runs on. */
export interface IServerModel extends IModel {
  readonly server: Server | undefined;
  readonly metrics: ServerMetrics | undefined;
  /** Policies that the owner may choose; empty until asked. */
  readonly allowedPolicies: readonly ReleasePolicy[];
  /** Stops the server and tells what it gave back. */
  release(): Promise<Freed>;
  /** A fresh container of the same image. */
  reset(): Promise<void>;
  keep(hours: number): Promise<ReleaseState>;
  setPolicy(policy: ReleasePolicy): Promise<void>;
  reportInput(): Promise<void>;
  /** Saves of this server that are under way. */
  saves(): Promise<ImageJob[]>;
}

/** The owner's images and what is on its way to become one. */
export interface IImagesModel extends IModel {
  readonly images: readonly Image[] | undefined;
  /** Newest first; those that ended stay for a while. */
  readonly jobs: readonly ImageJob[] | undefined;
  preview(): Promise<SavePreview>;
  save(input: SaveImage): Promise<ImageJob>;
  cancel(jobId: string): Promise<void>;
  /** Lines after `after`, and where to go on. */
  log(jobId: string, after: number): Promise<{ lines: string[]; next: number; ended: boolean }>;
  describe(imageId: string, description: string): Promise<void>;
  setPublic(imageId: string, visible: boolean): Promise<void>;
  share(imageId: string, shares: { kind: 'user' | 'group'; name: string }[]): Promise<void>;
  remove(imageId: string): Promise<void>;
}

/** What the owner used. */
export interface IUsageModel extends IModel {
  readonly summary: UsageSummary | undefined;
  /** One row per server of the last 30 days, deleted ones included. */
  readonly servers: readonly UsageRow[] | undefined;
  /** Where the CSV of the last 30 days is. */
  csvUrl(): Promise<string>;
}

export const IHub = new Token<IHub>('jupyterlab-davit:IHub', 'The hub that started this JupyterLab.');

export const IServerModel = new Token<IServerModel>(
  'jupyterlab-davit:IServerModel',
  'State, measurements and release of the server that this JupyterLab runs on.',
);

export const IImagesModel = new Token<IImagesModel>(
  'jupyterlab-davit:IImagesModel',
  'Images of the library and saves in progress.',
);

export const IUsageModel = new Token<IUsageModel>('jupyterlab-davit:IUsageModel', 'What the owner used.');
