import { describe, expect, it } from '@jest/globals';
import { chinese, english } from '../../test/samples.ts';
import { lossesText, type Losses } from './losses.ts';

const nothing: Losses = { unsaved: [], terminals: [], tasks: [], debugging: [], notebooks: [] };

describe('what a release would end', () => {
  it('lists unsaved files and everything that runs', () => {
    const losses = {
      unsaved: ['a.py', 'b.ipynb'],
      terminals: ['bash'],
      tasks: ['build'],
      debugging: ['train'],
      notebooks: ['b.ipynb'],
    };
    expect(lossesText(losses, 'It stops.', english)).toBe(
      [
        'It stops.',
        'Unsaved (2):\n• a.py\n• b.ipynb',
        'Running (4):\n• notebook b.ipynb runs a cell\n• task build\n• debugging train\n• terminal bash',
        english.texts.release.lost,
        english.texts.release.stays,
      ].join('\n\n'),
    );
  });

  it('leaves out what there is not, and cuts long lists', () => {
    expect(lossesText(nothing, 'x', chinese)).not.toContain('（0）');
    const many = { ...nothing, unsaved: Array.from({ length: 11 }, (_, index) => `${index}.txt`) };
    expect(lossesText(many, 'x', english)).toContain('• 7.txt\n• and 3 more');
  });
});
