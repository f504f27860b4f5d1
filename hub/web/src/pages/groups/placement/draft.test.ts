import { groupPlacementSchema, type GroupPlacement } from '@davit/contract';
import { describe, expect, it } from '@jest/globals';
import { atFields, doubled, draftOf, filled, inShort, nextRow, placementOf } from './draft.ts';

const FULL: GroupPlacement = {
  nodeSelector: { 'example.org/pool': 'gpu', empty: '' },
  tolerations: [{ key: 'gpu' }, { key: 'lab', value: 'x', effect: 'NoSchedule' }],
  priorityClassName: 'low',
  runtimeClassName: 'sandbox',
  imagePullSecrets: ['a', 'b'],
  precedence: 10,
};
const EMPTY = groupPlacementSchema.parse({});

describe('a placement that is typed', () => {
  it.each([[FULL], [EMPTY]])('is the same when nothing was typed', (placement) => {
    expect(placementOf(draftOf(placement))).toEqual(placement);
  });

  it('leaves out rows without a key, blanks and empty names', () => {
    const draft = {
      ...draftOf(EMPTY),
      labels: [
        { row: 0, key: ' ', value: 'x' },
        { row: 1, key: ' pool ', value: ' gpu ' },
      ],
      tolerations: [{ row: 0, key: '', value: 'x', effect: 'any' as const }],
      priorityClassName: ' ',
      pullSecrets: ' a,b，c\nd ,',
    };
    expect(placementOf(draft)).toEqual({
      ...EMPTY,
      nodeSelector: { pool: 'gpu' },
      imagePullSecrets: ['a', 'b', 'c', 'd'],
    });
    expect(filled(draft.labels).map(({ row }) => row)).toEqual([1]);
  });

  it('cannot be sent with a label twice or without a precedence', () => {
    const labels = ['pool', 'zone', 'pool '].map((key, row) => ({ row, key, value: '' }));
    expect(placementOf({ ...draftOf(EMPTY), labels })).toBeUndefined();
    expect([...doubled(labels)]).toEqual(['pool']);
    expect(placementOf({ ...draftOf(EMPTY), precedence: NaN })).toBeUndefined();
  });

  it('gives each new row a number of its own', () => {
    expect(nextRow([])).toBe(0);
    expect(nextRow(draftOf(FULL).labels.slice(1))).toBe(2);
  });
});

it('shows what the hub says of one pull secret at the field of all', () => {
  expect(atFields({ 'imagePullSecrets.1': 'wrong', 'tolerations.0.key': 'too' })).toEqual({
    imagePullSecrets: 'wrong',
    'tolerations.0.key': 'too',
  });
});

it('is written in short as kubectl does', () => {
  expect(inShort(EMPTY)).toEqual([]);
  expect(inShort(FULL)).toEqual([
    'example.org/pool=gpu',
    'empty=',
    'gpu',
    'lab=x:NoSchedule',
    'low',
    'sandbox',
    'a',
    'b',
  ]);
});
