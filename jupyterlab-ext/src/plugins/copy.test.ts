import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { TranslationBundle } from '@jupyterlab/translation';

const info = jest.fn();
const error = jest.fn();
jest.unstable_mockModule('@jupyterlab/apputils', () => ({ Notification: { info, error } }));
const { copyAndTell } = await import('./copy.ts');
// Its components look for a document when they are loaded, and the one below is none.
await import('@davit/ui');

const trans = {
  __: (text: string, ...values: unknown[]) => text.replace('%1', String(values[0])),
} as unknown as TranslationBundle;

const area = { value: '', className: '', select: jest.fn(), remove: jest.fn() };
const execCommand = jest.fn<(command: string) => boolean>();

describe('copying', () => {
  beforeEach(() => {
    // A page that came over plain http.
    Object.assign(globalThis, {
      isSecureContext: false,
      document: {
        createElement: () => area,
        querySelector: () => null,
        body: { append: () => undefined },
        execCommand,
      },
    });
  });
  afterEach(() => {
    jest.clearAllMocks();
    for (const name of ['isSecureContext', 'document']) Reflect.deleteProperty(globalThis, name);
  });

  it('works on a page over plain http, and is told', async () => {
    execCommand.mockReturnValue(true);
    await copyAndTell('ada/env:1', trans);
    expect(area.value).toBe('ada/env:1');
    expect(execCommand).toHaveBeenCalledWith('copy');
    expect(info).toHaveBeenCalledWith('Copied', { autoClose: 2000 });
  });

  it('that the browser refuses shows the text', async () => {
    execCommand.mockReturnValue(false);
    await copyAndTell('ada/env:1', trans);
    expect(info).not.toHaveBeenCalled();
    expect(error).toHaveBeenCalledWith('The browser did not copy it. Copy it by hand: ada/env:1');
  });

  it('is done nowhere else: over plain http there is no navigator.clipboard', () => {
    const root = join(import.meta.dirname, '..');
    const sources = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(
      (name) => /\.tsx?$/.test(name) && !name.includes('.test.'),
    );
    expect(sources.length).toBeGreaterThan(30);
    const own = sources.filter((name) => readFileSync(join(root, name), 'utf8').includes('navigator.clipboard'));
    expect(own).toEqual([]);
  });
});
