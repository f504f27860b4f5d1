import { Editor, type EditorOptions, type EditorState } from './editor.ts';
import { readEditorSpec } from './editorSpec.ts';
import { untilFile } from './untilFile.ts';

export interface EditorsOptions extends EditorOptions {
  names: string[];
  /** Directory with the descriptions. */
  directory: string;
  /** The file that the driver writes once the container may use its network. */
  goFile: string;
}

/** All editors of this server. They start when the driver says so, and never before. */
export class Editors {
  readonly #options: EditorsOptions;
  readonly #editors = new Map<string, Editor>();
  readonly #broken = new Map<string, EditorState>();
  readonly #stopping = new AbortController();
  #starting: Promise<void> | undefined;

  constructor(options: EditorsOptions) {
    this.#options = options;
    for (const name of options.names) {
      try {
        this.#editors.set(name, new Editor(readEditorSpec(options.directory, name), options));
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        options.log(message);
        this.#broken.set(name, { name, phase: 'failed', restarts: 0, message });
      }
    }
  }

  /** Waits for the go and starts all; returns at once. */
  start(): void {
    this.#starting ??= this.#startOnGo();
  }

  get(name: string): Editor | undefined {
    return this.#editors.get(name);
  }

  /** What is known of an editor by its name, including one that cannot be started at all. */
  state(name: string): EditorState | undefined {
    return this.#editors.get(name)?.state ?? this.#broken.get(name);
  }

  /** One state for each editor that was asked for, in that order. */
  states(): EditorState[] {
    return this.#options.names.flatMap((name) => this.state(name) ?? []);
  }

  /** The ports that the editors were told to take. */
  ports(): number[] {
    return [...this.#editors.values()].flatMap((editor) => editor.assignedPort ?? []);
  }

  async stop(graceMs: number): Promise<void> {
    this.#stopping.abort();
    await Promise.all([...this.#editors.values()].map((editor) => editor.stop(graceMs)));
    await this.#starting;
  }

  async #startOnGo(): Promise<void> {
    if (!(await untilFile(this.#options.goFile, this.#stopping.signal))) return;
    for (const editor of this.#editors.values()) editor.start();
  }
}
