import type { Losses } from '../release/losses.ts';

/** A line to choose from. */
export interface Choice<T> {
  label: string;
  description?: string;
  detail?: string;
  value: T;
}

/** What the commands need of the editor; in tests a list of answers. */
export interface Desk {
  /** A short remark; with actions it resolves with the chosen one, undefined when it was closed. */
  inform(message: string, ...actions: string[]): Promise<string | undefined>;
  warn(message: string, ...actions: string[]): Promise<string | undefined>;
  fail(message: string, ...actions: string[]): Promise<string | undefined>;
  /** A question in the middle with a text below it; undefined when it was cancelled. */
  ask(question: string, detail: string, ...actions: string[]): Promise<string | undefined>;
  choose<T>(title: string, choices: readonly Choice<T>[]): Promise<T | undefined>;
  write(title: string, value: string, check: (value: string) => string | undefined): Promise<string | undefined>;
  /** Says what is being done until it is done. */
  during<T>(title: string, work: Promise<T>): Promise<T>;
  copy(text: string): Promise<void>;
  open(url: string): Promise<void>;
  /** Writes a file where the person wants it and opens it; undefined when that was cancelled. */
  saveFile(name: string, content: string): Promise<string | undefined>;
  losses(): Losses;
  /** Saves every changed file; false when one was not. */
  saveAll(): Promise<boolean>;
  /** Runs a command of the editor. */
  run(command: string, ...args: unknown[]): Promise<void>;
}
