/**
 * Keeps the clipboard of the browser and that of the desktop the same, as far as the browser allows: where reading
 * needs a click each time (no `clipboard-read` permission to ask about), the text field is the way in.
 *
 * @param {{
 *   field: { value: string, addEventListener(type: 'input', listener: () => void): void },
 *   system: { readText(): Promise<string>, writeText(text: string): Promise<void> } | undefined,
 *   permissions: { query(descriptor: { name: string }): Promise<{ state: string }> } | undefined,
 *   isFocused(): boolean,
 *   send(text: string): void,
 * }} parts
 */
export function clipboardBridge({ field, system, permissions, isFocused, send }) {
  /** The text both sides have; a text equal to it is never sent, or the two sides would echo for ever. */
  let shared = '';
  /** What came from the desktop while the page was in the background, where browsers refuse to write. */
  let waiting;

  field.addEventListener('input', () => {
    shared = field.value;
    send(shared);
  });

  async function writeOut(text) {
    if (!isFocused()) {
      waiting = text;
      return;
    }
    waiting = undefined;
    await system?.writeText(text).catch(() => undefined);
  }

  async function mayRead() {
    const answer = await permissions?.query({ name: 'clipboard-read' }).catch(() => undefined);
    return answer !== undefined && answer.state !== 'denied';
  }

  async function readIn() {
    if (system === undefined || !isFocused() || !(await mayRead())) return;
    const text = await system.readText().catch(() => '');
    if (text === '' || text === shared) return;
    shared = text;
    field.value = text;
    send(text);
  }

  return {
    /** A new connection knows nothing: give it the current text. */
    connected() {
      if (shared !== '') send(shared);
    },
    /** @param {string} text copied inside the desktop */
    received(text) {
      if (text === shared) return Promise.resolve();
      shared = text;
      field.value = text;
      return writeOut(text);
    },
    /** The page has the focus (again): what waited goes out first, so that it is not taken for a new text. */
    async focused() {
      if (waiting !== undefined) await writeOut(waiting);
      else await readIn();
    },
  };
}
