import { beforeEach, describe, expect, it } from '@jest/globals';
import { clipboardBridge } from './clipboard.js';

let field: { value: string; addEventListener: (type: 'input', listener: () => void) => void; type(text: string): void };
let system: { text: string; readText(): Promise<string>; writeText(text: string): Promise<void> };
let focused: boolean;
let permission: string | undefined;
let sent: string[];

beforeEach(() => {
  let onInput = (): void => undefined;
  field = {
    value: '',
    addEventListener: (_, listener) => (onInput = listener),
    type: (text) => {
      field.value = text;
      onInput();
    },
  };
  system = {
    text: '',
    readText: async () => system.text,
    writeText: async (text) => {
      if (!focused) throw new Error('Document is not focused.');
      system.text = text;
    },
  };
  focused = true;
  permission = 'granted';
  sent = [];
});

function bridge() {
  const query = async (): Promise<{ state: string }> => {
    if (permission === undefined) throw new TypeError('clipboard-read is not a permission');
    return { state: permission };
  };
  return clipboardBridge({
    field,
    system,
    permissions: { query },
    isFocused: () => focused,
    send: (text: string) => sent.push(text),
  });
}

describe('clipboardBridge', () => {
  it('takes what was copied elsewhere into the desktop when the page gets the focus', async () => {
    const clipboard = bridge();
    system.text = '外';
    await clipboard.focused();
    await clipboard.focused();
    expect(sent).toEqual(['外']);
    expect(field.value).toBe('外');
  });

  it('gives out what was copied in the desktop, and never sends it back', async () => {
    const clipboard = bridge();
    await clipboard.received('inside');
    expect([system.text, field.value]).toEqual(['inside', 'inside']);
    await clipboard.focused();
    expect(sent).toEqual([]);
  });

  it('keeps what was copied in the background until the page may write, and lets it win over older text', async () => {
    const clipboard = bridge();
    system.text = 'older';
    focused = false;
    await clipboard.received('newer');
    expect(system.text).toBe('older');
    focused = true;
    await clipboard.focused();
    expect(system.text).toBe('newer');
    expect(sent).toEqual([]);
  });

  it.each([['denied'], [undefined]])(
    'reads nothing where the permission is %s, but the field still works',
    async (state) => {
      permission = state;
      const clipboard = bridge();
      system.text = 'private';
      await clipboard.focused();
      expect(sent).toEqual([]);
      field.type('typed');
      expect(sent).toEqual(['typed']);
    },
  );

  it('gives a new connection the current text', async () => {
    const clipboard = bridge();
    clipboard.connected();
    expect(sent).toEqual([]);
    field.type('kept');
    clipboard.connected();
    expect(sent).toEqual(['kept', 'kept']);
  });
});
