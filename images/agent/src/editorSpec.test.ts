import { describe, expect, it } from '@jest/globals';
import { fillIn, parseEditorSpec, readEditorSpec, type EditorSpec } from './editorSpec.ts';

const GOOD = {
  name: 'jupyterlab',
  title: 'JupyterLab',
  command: ['jupyter', 'lab', '--port=${PORT}', '--base=${BASE_PATH}/jupyterlab/', '${PORT}-${PORT}', '$PORT ${OTHER}'],
  prefix: 'keep',
  ready: { path: '/jupyterlab/api' },
  env: { SETTINGS: '${HOME}/settings' },
};

describe('parseEditorSpec', () => {
  it('takes a good description; title and env may be missing', () => {
    expect(parseEditorSpec('jupyterlab', JSON.stringify(GOOD))).toEqual(GOOD);
    const { title: _title, env: _env, ...less } = GOOD;
    expect(parseEditorSpec('jupyterlab', JSON.stringify(less))).toMatchObject({ title: 'jupyterlab', env: {} });
  });

  it.each<[string, unknown]>([
    ['no JSON object', []],
    ['name', { ...GOOD, name: 'other' }],
    ['title', { ...GOOD, title: 1 }],
    ['command', { ...GOOD, command: 'jupyter lab' }],
    ['command', { ...GOOD, command: [] }],
    ['prefix', { ...GOOD, prefix: 'cut' }],
    ['ready.path', { ...GOOD, ready: { path: 'api' } }],
    ['ready.path', { ...GOOD, ready: null }],
    ['env', { ...GOOD, env: { A: 1 } }],
  ])('says what is wrong: %s', (what, value) => {
    const text = JSON.stringify(value);
    expect(() => parseEditorSpec('jupyterlab', text)).toThrow(what);
    expect(() => parseEditorSpec('jupyterlab', text)).toThrow('editor "jupyterlab" is not valid');
  });

  it('says so when it is no JSON at all, or when there is no file', () => {
    expect(() => parseEditorSpec('x', '{')).toThrow('no JSON object');
    expect(() => readEditorSpec('/nowhere', 'x')).toThrow('This image does not carry the editor "x".');
  });
});

describe('fillIn', () => {
  const values = { PORT: 4711, BASE_PATH: '/s/abc', HOME: '/home/davit' };
  const spec = GOOD as EditorSpec;

  it('replaces the three placeholders everywhere and nothing else', () => {
    const filled = fillIn(spec, values);
    expect(filled.command.slice(2)).toEqual([
      '--port=4711',
      '--base=/s/abc/jupyterlab/',
      '4711-4711',
      '$PORT ${OTHER}',
    ]);
    expect(filled.env).toEqual({ SETTINGS: '/home/davit/settings' });
  });

  it.each<['keep' | 'strip', string, string]>([
    ['keep', '/jupyterlab/api', '/s/abc/jupyterlab/api'],
    ['keep', '${BASE_PATH}/jupyterlab/api', '/s/abc/jupyterlab/api'],
    ['strip', '/healthz', '/healthz'],
  ])('asks an editor that %ss its prefix whether it is ready below it: %s', (prefix, path, expected) => {
    expect(fillIn({ ...spec, prefix, ready: { path } }, values).ready.path).toBe(expected);
  });
});
