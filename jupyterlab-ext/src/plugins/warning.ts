import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { Notification } from '@jupyterlab/apputils';
import { ITranslator } from '@jupyterlab/translation';
import { CommandIDs } from '../commandIds.ts';
import type { Host } from '../host.ts';
import { shouldWarn } from '../releaseWarning.ts';
import { IHub, IServerModel } from '../tokens.ts';
import { hostOf } from './hostOf.ts';

/** How often the minutes in the warning are counted down, and the server's state is asked for by this plugin. */
const EVERY_MS = 20_000;
const MINUTE = 60_000;
const KEEP_HOURS = 2;

/** Warns before the release and offers to keep the server. */
export const warningPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyterlab-davit:warning',
  description: 'Warns before this server is released, with Keep 2 h and Release now.',
  autoStart: true,
  requires: [IHub, IServerModel],
  optional: [ITranslator],
  activate: (app: JupyterFrontEnd, hub: IHub, server: IServerModel, translator: ITranslator | null) => {
    const warning = new ReleaseWarning(hostOf(app, hub, translator, { server }), server);
    server.watch(EVERY_MS);
    server.changed.connect(() => warning.look(Date.now()));
    setInterval(() => warning.look(Date.now()), EVERY_MS);
  },
};

/** The one notification about the release. */
class ReleaseWarning {
  readonly #host: Host;
  readonly #server: IServerModel;
  #id: string | undefined;
  #message = '';

  constructor(host: Host, server: IServerModel) {
    this.#host = host;
    this.#server = server;
  }

  /** Says what is due now. */
  look(now: number): void {
    const { trans, hub } = this.#host;
    if (hub.phase !== 'connected') return;
    const release = this.#server.server?.release;
    if (shouldWarn(release, now)) {
      const minutes = Math.max(1, Math.ceil((Date.parse(release?.releaseAt ?? '') - now) / MINUTE));
      this.#say(
        trans._n('This server is released in %1 minute.', 'This server is released in %1 minutes.', minutes),
        'warning',
      );
    } else if (this.#id !== undefined) {
      this.#say(trans.__('This server is kept.'), 'success');
      this.#id = undefined;
    }
  }

  #say(message: string, type: 'warning' | 'success'): void {
    const shown = this.#id !== undefined && Notification.manager.has(this.#id);
    if (shown && message === this.#message) return;
    // A person who closed the warning has read it; the minutes are no reason to show it again.
    if (this.#id !== undefined && !shown) return;
    this.#message = message;
    const options = type === 'warning' ? { actions: this.#actions(), autoClose: false as const } : { autoClose: 5000 };
    if (this.#id === undefined) this.#id = Notification.emit(message, type, options);
    else Notification.update({ id: this.#id, message, type, actions: [], ...options });
  }

  #actions(): Notification.IAction[] {
    const { trans, commands } = this.#host;
    return [
      {
        label: trans.__('Keep 2 h'),
        displayType: 'accent',
        callback: (event) => {
          event.preventDefault();
          void commands.execute(CommandIDs.keep, { hours: KEEP_HOURS });
        },
      },
      {
        label: trans.__('Release now'),
        displayType: 'warn',
        callback: (event) => {
          event.preventDefault();
          void commands.execute(CommandIDs.release);
        },
      },
    ];
  }
}
