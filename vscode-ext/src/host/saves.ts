import { cancelImageJob, getImageJobLog, type ImageJob } from '@davit/contract';
import * as vscode from 'vscode';
import type { CommandContext } from '../commands/context.ts';
import { failureText } from '../commands/failure.ts';
import { systemClock } from '../base/clock.ts';
import { toError } from '../base/result.ts';
import { disposeAll, type Disposable } from '../base/signal.ts';
import { isActive, jobText, tagOf } from '../rows/imageRows.ts';
import { JobEnds } from '../save/jobFollower.ts';
import { followLog } from '../save/logFollower.ts';

/** While a save is followed its state is asked for so often; events of the hub come sooner. */
const FOLLOW_MS = 3000;

/** Logs, progress and the last word of saves in this window. */
export class Saves implements Disposable {
  readonly #context: () => CommandContext;
  readonly #logs = new Map<string, { channel: vscode.OutputChannel; follower: Disposable }>();
  readonly #followed = new Set<string>();
  readonly #ends = new JobEnds();
  readonly #disposables: Disposable[] = [];

  constructor(context: () => CommandContext) {
    this.#context = context;
  }

  /** Says how the saves that this window saw on their way have ended. */
  start(): void {
    const { model } = this.#context();
    this.#disposables.push(
      model.jobs.changed.on(() => {
        for (const job of this.#ends.update(model.jobs.value ?? [])) void this.#sayEnd(job);
      }),
    );
  }

  /** Opens the log as an output that follows to the end. */
  showLog(job: ImageJob): void {
    const { call, language } = this.#context();
    const { save } = language.texts;
    let log = this.#logs.get(job.id);
    if (log === undefined) {
      const channel = vscode.window.createOutputChannel(save.logName(tagOf(job)));
      const follower = followLog({
        clock: systemClock,
        ask: (after) => call(getImageJobLog, { params: { id: job.id }, query: { after } }),
        append: (lines) => channel.appendLine(lines.map(language.texts.hubText).join('\n')),
        ended: (any) => channel.appendLine(any ? `\n${save.logEnded}` : save.logEmpty),
      });
      log = { channel, follower };
      this.#logs.set(job.id, log);
    }
    log.channel.show(true);
  }

  /** Shows the progress of a save until it ends; cancelling it there cancels the save. */
  follow(job: ImageJob): void {
    if (this.#followed.has(job.id)) return;
    this.#followed.add(job.id);
    const { language } = this.#context();
    const options = {
      location: vscode.ProgressLocation.Notification,
      title: language.texts.save.saving(tagOf(job)),
      cancellable: true,
    };
    void vscode.window.withProgress(options, (progress, token) => this.#progressOf(job, progress, token));
  }

  dispose(): void {
    disposeAll(this.#disposables);
    for (const { channel, follower } of this.#logs.values()) {
      follower.dispose();
      channel.dispose();
    }
  }

  #progressOf(
    job: ImageJob,
    progress: vscode.Progress<{ message?: string; increment?: number }>,
    token: vscode.CancellationToken,
  ): Promise<void> {
    const { model, language } = this.#context();
    const { promise, resolve } = Promise.withResolvers<undefined>();
    let shown = 0;
    const update = (): void => {
      const now = model.jobs.value?.find(({ id }) => id === job.id);
      if (now === undefined) return;
      const percent = now.percent ?? shown;
      progress.report({ message: jobText(now, language), increment: Math.max(0, percent - shown) });
      shown = Math.max(shown, percent);
      if (!isActive(now)) resolve(undefined);
    };
    const disposables = [
      model.jobs.changed.on(update),
      model.jobs.watch(FOLLOW_MS),
      token.onCancellationRequested(() => void this.#cancel(job)),
    ];
    return promise.finally(() => disposeAll(disposables));
  }

  async #cancel(job: ImageJob): Promise<void> {
    const { call, model, desk, language } = this.#context();
    try {
      await call(cancelImageJob, { params: { id: job.id } });
      model.jobs.outdate();
    } catch (thrown) {
      await desk.fail(failureText(toError(thrown), language.texts));
    }
  }

  async #sayEnd(job: ImageJob): Promise<void> {
    const { desk, language, model } = this.#context();
    const { save } = language.texts;
    model.images.outdate();
    const tag = tagOf(job);
    if (job.phase === 'cancelled') {
      await desk.inform(save.cancelled(tag));
      return;
    }
    const answer =
      job.phase === 'done'
        ? await desk.inform(save.done(tag), save.log)
        : await desk.fail(save.failed(tag, language.texts.hubText(job.reason ?? '')), save.log);
    if (answer === save.log) this.showLog(job);
  }
}
