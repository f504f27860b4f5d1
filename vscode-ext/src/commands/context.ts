import type { ApiClient, Image, ImageJob, Server } from '@davit/contract';
import type { Hub } from '../hub/hub.ts';
import type { Model } from '../hub/model.ts';
import type { Language } from '../i18n/language.ts';
import type { Row } from '../rows/row.ts';
import type { Desk } from './desk.ts';

/** Windows of their own that commands open. */
export interface Panels {
  showUsage(): void;
  showSave(): void;
  showLog(job: ImageJob): void;
  /** Shows a save's progress with a way to cancel it. */
  followSave(job: ImageJob): void;
}

/** Everything a command works with. */
export interface CommandContext {
  hub: Hub;
  model: Model;
  call: ApiClient;
  desk: Desk;
  panels: Panels;
  language: Language;
}

/** One command: its row when it was started from a tree, undefined from the palette. */
export type Command = (context: CommandContext, row: Row | undefined) => Promise<void>;

/** A failure with a text that is fit to show as it is. */
export class SayError extends Error {}

/** Thrown when the person gave the action up; nothing is said about it. */
export class CancelledError extends Error {}

/** The chosen answer, or the end of the command. */
export function chosen<T>(answer: T | undefined): T {
  if (answer === undefined) throw new CancelledError();
  return answer;
}

/** This server as it is now; fails calmly without a hub. */
export async function currentServer({ hub, model, language }: CommandContext): Promise<Server> {
  if (!('info' in hub.state)) throw new SayError(language.texts.connection.absent);
  if (model.server.value === undefined) await model.server.refresh();
  if (model.server.value === undefined) throw model.server.failure ?? new SayError(language.texts.connection.noAnswer);
  return model.server.value;
}

/** Image of a row, or the one that the person picks among their own. */
export async function imageFor(context: CommandContext, row: Row | undefined): Promise<Image> {
  const { model, desk, language } = context;
  await currentServer(context);
  if (model.images.value === undefined) await model.images.refresh();
  const images = model.images.value ?? [];
  const { target } = row ?? {};
  if (target?.kind === 'image') return chosen(images.find(({ id }) => id === target.id));
  const own = images.filter(({ origin }) => origin === 'own');
  if (own.length === 0) throw new SayError(language.texts.images.none);
  const choices = own.map((image) => ({
    label: `${image.name}:${image.version}`,
    description: image.description,
    value: image,
  }));
  return chosen(await desk.choose(language.texts.images.pick, choices));
}
