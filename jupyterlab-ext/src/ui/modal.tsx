import { ReactWidget } from '@jupyterlab/ui-components';
import { Widget } from '@lumino/widgets';
import type { ReactElement } from 'react';
import type { Host } from '../host.ts';
import { Frame } from './frame.tsx';

/** Shows a dialog until `close` is called; resolves with what it was closed with. */
export function showModal<T = undefined>(
  host: Host,
  content: (close: (result?: T) => void) => ReactElement,
): Promise<T | undefined> {
  return new Promise((resolve) => {
    const before = document.activeElement;
    const widget = new ModalWidget(host, () =>
      content((result) => {
        widget.dispose();
        // The dialog's own memory of the focus goes with its widget.
        if (before instanceof HTMLElement) before.focus();
        resolve(result);
      }),
    );
    widget.addClass('jp-davit-modal');
    Widget.attach(widget, document.body);
  });
}

class ModalWidget extends ReactWidget {
  readonly #host: Host;
  readonly #content: () => ReactElement;

  constructor(host: Host, content: () => ReactElement) {
    super();
    this.#host = host;
    this.#content = content;
  }

  protected override render(): ReactElement {
    const Content = this.#content;
    return (
      <Frame host={this.#host}>
        <Content />
      </Frame>
    );
  }
}
