import { ApiError, previewSave, saveServer, type SaveImage } from '@davit/contract';
import * as vscode from 'vscode';
import { toError } from '../base/result.ts';
import type { CommandContext } from '../commands/context.ts';
import { failureText } from '../commands/failure.ts';
import type { Texts } from '../i18n/en.ts';
import { tagOf } from '../rows/imageRows.ts';
import type { FromPage, SavePageState } from '../webview/messages.ts';
import { openPage, type Page } from './page.ts';

const USAGE_MS = 60_000;

/** The pages of this window: the form of a save, and the usage. */
export class Pages {
  readonly #root: vscode.Uri;
  readonly #context: () => CommandContext;
  #save: Page<'save'> | undefined;
  #usage: Page<'usage'> | undefined;

  constructor(root: vscode.Uri, context: () => CommandContext) {
    this.#root = root;
    this.#context = context;
  }

  dispose(): void {
    this.#save?.close();
    this.#usage?.close();
  }

  /** Opens the form, or brings it to the front as it is. */
  showSave(): void {
    if (this.#save !== undefined) {
      this.#save.reveal();
      return;
    }
    const { model, language, desk } = this.#context();
    let state: SavePageState = { taken: [], unsaved: [], pending: false };
    const update = (change: Partial<SavePageState>): void => {
      const own = (model.images.value ?? []).filter(({ origin }) => origin === 'own');
      state = { ...state, ...change, taken: own.map(tagOf), unsaved: [...desk.losses().unsaved] };
      page.show(state);
    };
    const page = openPage({
      name: 'save',
      title: language.texts.save.title,
      locale: language.locale,
      root: this.#root,
      during: [
        model.images.watch(USAGE_MS),
        model.images.changed.on(() => update({})),
        vscode.workspace.onDidSaveTextDocument(() => update({})),
      ],
      onMessage: (message) => void this.#onSaveMessage(message, page, update),
    });
    this.#save = page;
    void page.closed.then(() => (this.#save = undefined));
  }

  /** Opens chart and table, or brings them to the front. */
  showUsage(): void {
    if (this.#usage !== undefined) {
      this.#usage.reveal();
      return;
    }
    const { model, language, desk } = this.#context();
    const update = (): void => {
      const failure = model.usage.failure ?? model.usageByServer.failure;
      page.show({
        summary: model.usage.value,
        byServer: model.usageByServer.value,
        error: failure === undefined ? undefined : failureText(failure, language.texts),
      });
    };
    const page = openPage({
      name: 'usage',
      title: language.texts.usage.title,
      locale: language.locale,
      root: this.#root,
      during: [
        model.usage.watch(USAGE_MS),
        model.usageByServer.watch(USAGE_MS),
        model.usage.changed.on(() => update()),
        model.usageByServer.changed.on(() => update()),
      ],
      onMessage: (message) => {
        if (message.type === 'ready') {
          model.timeZone = message.timeZone;
          update();
        }
        if (message.type === 'export') void desk.run('davit.exportUsage');
        if (message.type === 'retry') {
          void model.usage.refresh();
          void model.usageByServer.refresh();
        }
      },
    });
    this.#usage = page;
    void page.closed.then(() => (this.#usage = undefined));
  }

  async #onSaveMessage(
    message: FromPage,
    page: Page<'save'>,
    update: (change: Partial<SavePageState>) => void,
  ): Promise<void> {
    if (message.type === 'ready' || message.type === 'retry') await this.#preview(update);
    if (message.type === 'close') page.close();
    if (message.type === 'save') await this.#submit(message.input, page, update);
    if (message.type === 'saveFiles') {
      await this.#context().desk.saveAll();
      update({});
    }
  }

  async #preview(update: (change: Partial<SavePageState>) => void): Promise<void> {
    const { call, hub, language } = this.#context();
    update({ error: undefined });
    try {
      if (!('info' in hub.state)) return;
      update({ preview: await call(previewSave, { params: { id: hub.state.info.server.id } }) });
    } catch (thrown) {
      update({ error: failureText(toError(thrown), language.texts) });
    }
  }

  async #submit(input: SaveImage, page: Page<'save'>, update: (change: Partial<SavePageState>) => void): Promise<void> {
    const { call, hub, language, model, panels } = this.#context();
    if (!('info' in hub.state)) return;
    update({ pending: true, error: undefined, fieldErrors: undefined });
    try {
      const job = await call(saveServer, { params: { id: hub.state.info.server.id }, body: input });
      await model.jobs.refresh();
      page.close();
      panels.followSave(job);
    } catch (thrown) {
      update({ pending: false, ...refusal(toError(thrown), language.texts) });
    }
  }
}

/** What the form says about a refused save: at the fields where the hub named them, else below. */
function refusal(error: Error, texts: Texts): Pick<SavePageState, 'error' | 'fieldErrors'> {
  const problem = error instanceof ApiError ? error.problem : undefined;
  if (problem?.fields === undefined || problem.fields.length === 0) return { error: failureText(error, texts) };
  const fields = problem.fields.map(({ path, message }) => [path.split('.')[0] ?? path, message] as const);
  return { error: error.message, fieldErrors: Object.fromEntries(fields) };
}
