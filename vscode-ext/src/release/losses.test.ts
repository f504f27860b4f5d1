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
    expect(lossesText(losses, { lead: 'It stops.', goingOn: ['A save goes on.', 'A GPU computes.'] }, english)).toBe(
      [
        'It stops.',
        'Unsaved (2):\n• a.py\n• b.ipynb',
        'Running (4):\n• notebook b.ipynb runs a cell\n• task build\n• debugging train\n• terminal bash',
        'A save goes on.\nA GPU computes.',
        english.texts.release.lost,
        english.texts.release.stays,
      ].join('\n\n'),
    );
  });

  it('leaves out what there is not, and cuts long lists', () => {
    expect(lossesText(nothing, { lead: 'x', goingOn: [] }, chinese)).not.toContain('（0）');
    const many = { ...nothing, unsaved: Array.from({ length: 11 }, (_, index) => `${index}.txt`) };
    expect(lossesText(many, { lead: 'x', goingOn: [] }, english)).toContain('• 7.txt\n• and 3 more');
  });
});
