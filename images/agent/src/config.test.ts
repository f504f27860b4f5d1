import { describe, expect, it } from '@jest/globals';
import { loadConfig } from './config.ts';

describe('loadConfig', () => {
  it('needs nothing: a command-line server at the root', () => {
    expect(loadConfig({})).toEqual({
      editors: [],
      command: undefined,
      basePath: '',
      memoryLimitBytes: undefined,
      host: '0.0.0.0',
      port: 7070,
      runDir: '/run/davit',
      editorsDir: '/opt/davit/editors',
      home: '/home/davit',
      terminalsDir: '/dev/pts',
      lookMs: 15_000,
    });
  });

  it('reads what the driver sets', () => {
    const env = {
      DAVIT_EDITORS: 'jupyterlab, code-server,,jupyterlab',
      DAVIT_COMMAND: '["tensorboard","--logdir","/data/user/my runs"]',
      DAVIT_BASE_PATH: '/s/abc123',
      MEM_LIMIT: '2147483648',
    };
    expect(loadConfig(env)).toMatchObject({
      editors: ['jupyterlab', 'code-server'],
      command: ['tensorboard', '--logdir', '/data/user/my runs'],
      basePath: '/s/abc123',
      memoryLimitBytes: 2_147_483_648,
    });
  });

  it.each(['x', '[]', '[1]', '{}', '"x"'])('refuses the command %p', (DAVIT_COMMAND) => {
    expect(() => loadConfig({ DAVIT_COMMAND })).toThrow('DAVIT_COMMAND: must be a JSON list of texts');
  });

  it('names every bad value at once', () => {
    const env = { DAVIT_EDITORS: 'ok,../x', DAVIT_BASE_PATH: '/s/abc/', MEM_LIMIT: '2g', DAVIT_AGENT_PORT: '70000' };
    expect(() => loadConfig(env)).toThrow(/DAVIT_EDITORS: "\.\.\/x".*DAVIT_BASE_PATH.*DAVIT_AGENT_PORT.*MEM_LIMIT/);
  });
});
