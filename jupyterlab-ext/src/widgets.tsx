import { ReactWidget } from '@jupyterlab/ui-components';
import type { Message } from '@lumino/messaging';
import { lazy, Suspense, type ComponentType, type LazyExoticComponent, type ReactElement } from 'react';
import type { Host } from './host.ts';

/** A view that is loaded when it is first seen. */
export type ViewLoader = () => Promise<ComponentType<{ host: Host }>>;

/** A widget whose view is loaded when it is first seen and goes, with its polling, while it is hidden. */
export class ViewWidget extends ReactWidget {
  readonly #host: Host;
  readonly #View: LazyExoticComponent<ComponentType<{ host: Host }>>;

  constructor(host: Host, load: ViewLoader) {
    super();
    this.#host = host;
    this.#View = lazy(async () => ({ default: await load() }));
    this.addClass('jp-davit');
  }

  protected override render(): ReactElement {
    const View = this.#View;
    return this.isVisible ? (
      <Suspense fallback={null}>
        <View host={this.#host} />
      </Suspense>
    ) : (
      <></>
    );
  }

  protected override onAfterShow(message: Message): void {
    super.onAfterShow(message);
    this.update();
  }

  protected override onAfterHide(message: Message): void {
    super.onAfterHide(message);
    this.update();
  }
}
