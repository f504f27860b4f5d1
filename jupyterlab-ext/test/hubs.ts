import type { ServerApiInfo } from '@davit/contract';
import { Signal } from '@lumino/signaling';
import type { Change, HubPhase, IHub } from '../src/tokens.ts';

export const INFO: ServerApiInfo = {
  api: 1,
  version: '0.1.0',
  hubUrl: 'http://localhost:8000',
  user: { id: 'uuuuuuuuuuuu', name: 'ada' },
  server: { id: 'ssssssssssss', name: 'lab', phase: 'running' },
};

/** What a question is answered with, by the name of its route; a function is called with what was asked. */
export type Answers = Record<string, unknown>;

/** A hub that answers from a table and counts what it is asked. */
export class TableHub implements IHub {
  phase: HubPhase = 'connected';
  readonly info = INFO;
  readonly root = '';
  readonly isDisposed = false;
  readonly phaseChanged = new Signal<this, HubPhase>(this);
  readonly changes = new Signal<this, Change>(this);
  readonly asked: string[] = [];
  readonly answers: Answers;

  constructor(answers: Answers) {
    this.answers = answers;
  }

  call: IHub['call'] = async (pick, call) => {
    // Only the route's name matters here, so the contract itself can stay unloaded.
    const names = new Proxy({}, { get: (_, name) => ({ name }) });
    const { name } = pick(names as never) as { name: string };
    this.asked.push(name);
    const answer = this.answers[name];
    const value: unknown = typeof answer === 'function' ? await (answer as (asked: unknown) => unknown)(call) : answer;
    if (value instanceof Error) throw value;
    return value as never;
  };

  enter(phase: HubPhase): void {
    this.phase = phase;
    this.phaseChanged.emit(phase);
  }

  count(name: string): number {
    return this.asked.filter((one) => one === name).length;
  }

  hubText(text: string): string {
    return text;
  }

  async retry(): Promise<void> {
    // It is always there.
  }

  dispose(): void {
    Signal.clearData(this);
  }
}
