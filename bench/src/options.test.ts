import { describe, expect, it } from '@jest/globals';
import { readOptions } from './options.ts';

describe('readOptions', () => {
  it('measures everything against a proxy of its own unless told otherwise', () => {
    expect(readOptions([])).toEqual({
      names: [],
      rounds: 5,
      seconds: 4,
      bytes: 1024 * 1024 * 1024,
      sockets: 2000,
      ours: undefined,
      backendPort: 0,
    });
  });

  it('takes names, sizes and a proxy that runs already', () => {
    const proxy = ['--ours', 'http://127.0.0.1:8000/s/abc/port/9000', '--header', 'Cookie: a=b: c', '--pid', '12'];
    expect(readOptions(['echo', '--rounds', '2', ...proxy, '--backend-port=9000', '--megabytes', '1'])).toMatchObject({
      names: ['echo'],
      rounds: 2,
      bytes: 1_048_576,
      ours: { url: 'http://127.0.0.1:8000/s/abc/port/9000/', headers: { cookie: 'a=b: c' }, pid: 12 },
      backendPort: 9000,
    });
  });

  it.each([
    [['--rounds', 'many'], '--rounds'],
    [['--header', 'nothing'], '--header'],
    [['--ours', 'localhost'], '--ours'],
    [['--fast'], '--fast'],
  ])('says what is wrong with %j', (args, what) => {
    expect(() => readOptions(args)).toThrow(what);
  });
});
