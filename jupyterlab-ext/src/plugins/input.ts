import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { InputReporter } from '../inputReporter.ts';
import { IHub, IServerModel } from '../tokens.ts';

/** What counts as input of a person; moving the pointer over the page does not. */
const EVENTS = ['keydown', 'pointerdown', 'wheel'] as const;

/** Tells the hub that its person is at work, so that the server is not released under their hands. */
export const inputPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyterlab-davit:input',
  description: 'Tells the hub that somebody types or clicks in this JupyterLab.',
  autoStart: true,
  requires: [IHub, IServerModel],
  activate: (_: JupyterFrontEnd, hub: IHub, server: IServerModel) => {
    const reporter = new InputReporter({
      report: () => (hub.phase === 'connected' ? server.reportInput() : Promise.resolve()),
    });
    const onInput = (event: Event): void => {
      // Events that a script makes are no person's.
      if (event.isTrusted) reporter.input();
    };
    for (const event of EVENTS) window.addEventListener(event, onInput, { capture: true, passive: true });
  },
};
