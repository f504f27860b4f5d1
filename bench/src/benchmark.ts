import type { Options } from './options.ts';
import type { Sides } from './sides.ts';

export interface Context {
  options: Options;
  sides: Sides;
  /** Tells what is being done; may take minutes otherwise without a word. */
  say: (text: string) => void;
}

/** One thing that is measured. */
export interface Benchmark {
  name: string;
  title: string;
  /** What it should reach, in words; undefined if nothing was promised. */
  goal?: string;
  /** Measures, and returns the lines to print. */
  run: (context: Context) => Promise<string[]>;
}
