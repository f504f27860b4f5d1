import { describe, expect, it } from '@jest/globals';
import { withLabels } from './labels.ts';

describe('a Dockerfile with labels', () => {
  it('has one instruction for all of them, letter by letter', () => {
    const labels = { 'davit.port': '7070', title: `Of $HOME "x" \\ 'y'`, empty: '' };
    expect(withLabels('FROM a', labels)).toBe(
      String.raw`FROM a
LABEL "davit.port"="7070" "title"="Of \$HOME \"x\" \\ 'y'" "empty"=""
`,
    );
  });

  it('stays on one line', () => {
    expect(withLabels('FROM a\n', { description: 'one\r\ntwo\nRUN three' })).toBe(
      'FROM a\n\nLABEL "description"="one two RUN three"\n',
    );
  });

  it('is the same without any', () => {
    expect(withLabels('FROM a', {})).toBe('FROM a');
  });
});
