import { describe, expect, it } from '@jest/globals';
import { chartValues } from './chartValues.ts';

describe('chartValues', () => {
  it('names host and images as the chart takes them', () => {
    const pushed = new Map([
      ['hub', 'registry.example.org:5000/davit/hub:0123456789ab'],
      ['image-saver', 'registry.example.org:5000/davit/image-saver:ba9876543210'],
    ]);
    expect(JSON.parse(chartValues(pushed))).toEqual({
      images: {
        host: 'registry.example.org:5000',
        hub: 'davit/hub:0123456789ab',
        imageSaver: 'davit/image-saver:ba9876543210',
      },
    });
  });
});
