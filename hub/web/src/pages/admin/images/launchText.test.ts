import { describe, expect, it } from '@jest/globals';
import { commandOf, environmentOf, environmentText } from './launchText.ts';

describe('the environment as text', () => {
  it('reads what it writes', () => {
    const environment = { HF_HOME: '/data/user/hf', OPTIONS: 'a=b c=d', EMPTY: '' };
    expect(environmentOf(environmentText(environment))).toEqual({ ok: true, value: environment });
  });

  it('leaves out empty lines and blanks around', () => {
    expect(environmentOf('\n  A = 1 \n\n')).toEqual({ ok: true, value: { A: '1' } });
  });

  it.each(['A', '=1', 'export A'])('tells that %p is none', (line) => {
    expect(environmentOf(`B=2\n${line}`)).toEqual({ ok: false, line });
  });
});

describe('the command as text', () => {
  it('has one argument per line, blanks inside kept', () => {
    expect(commandOf('tensorboard\n--logdir=my runs\n')).toEqual(['tensorboard', '--logdir=my runs']);
    expect(commandOf(' \n')).toBeNull();
  });
});
