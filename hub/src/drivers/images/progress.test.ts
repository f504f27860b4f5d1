import { describe, expect, it } from '@jest/globals';
import { countSteps, parseStep, StepCounter } from './progress.ts';

describe('parseStep', () => {
  it.each([
    ['STEP 7/12: RUN apt-get update', '', 7, 12],
    ['[1/2] STEP 3/8: COPY a b', '1', 3, 8],
    ['#8 [ 7/12] RUN apt-get update', '', 7, 12],
    ['#5 [2/5] COPY a b', '', 2, 5],
    ['#12 [compile 3/4] RUN make', 'compile', 3, 4],
    ['#12 [stage-1 10/14] RUN make', 'stage-1', 10, 14],
  ])('reads %j', (line, stage, step, steps) => {
    expect(parseStep(line)).toEqual({ stage, step, steps });
  });

  it.each([
    '#1 [internal] load build definition from Dockerfile',
    'Get:3 [12/14] packages',
    '--> 03b970d994a',
    '#8 1.2 STEP 1/2:',
  ])('ignores %j', (line) => expect(parseStep(line)).toBeUndefined());
});

describe('countSteps', () => {
  const dockerfile = `# comment
ARG OS
FROM $OS AS one
ARG X=1
RUN a; \\
    # inside
    FROM=b
FROM $OS
ENV A=1 \\
    RUN=2
COPY --from=one /a /a
USER 1000
`;

  it('counts what each engine counts, over all stages', () => {
    expect(countSteps(dockerfile, 'podman')).toBe(7);
    expect(countSteps(dockerfile, 'docker')).toBe(4);
  });
});

describe('StepCounter', () => {
  it('adds stages and builds to one count that never shrinks', () => {
    const counter = new StepCounter(6);
    const seen = [
      ['layers', '[1/2] STEP 1/2: FROM a'],
      ['layers', 'noise'],
      ['layers', '[1/2] STEP 2/2: RUN b'],
      ['layers', '[2/2] STEP 1/2: FROM a'],
      ['layers', '[2/2] STEP 2/2: COPY b'],
      ['finish', 'STEP 1/3: FROM c'],
      ['finish', 'STEP 3/3: LABEL d'],
    ].map(([part = '', line = '']) => {
      counter.add(part, line);
      return `${counter.step}/${counter.steps}`;
    });
    expect(seen).toEqual(['1/6', '1/6', '2/6', '3/6', '4/6', '5/7', '7/7']);
  });

  it('takes the steps of parallel stages in any order', () => {
    const counter = new StepCounter(0);
    for (const line of ['#4 [b 2/3] RUN', '#5 [a 1/2] FROM', '#6 [b 1/3] FROM']) counter.add('layers', line);
    expect([counter.step, counter.steps]).toEqual([3, 5]);
  });
});
