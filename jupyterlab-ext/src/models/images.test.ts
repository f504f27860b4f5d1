import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { TableHub } from '../../test/hubs.ts';
import { ImagesModel } from './images.ts';

const JOB = { id: 'j', name: 'env', version: '1', phase: 'saving', endedAt: null };
const DONE = { ...JOB, phase: 'done', endedAt: '2026-01-01T00:00:00Z' };
const IMAGE = { id: 'i', name: 'env', version: '1', visibility: 'private' };

function makeModel(jobs: unknown[] = []) {
  const hub = new TableHub({ listImages: { items: [IMAGE], nextCursor: null }, listImageJobs: { items: jobs } });
  return { hub, model: new ImagesModel(hub) };
}

describe('the images as the page knows them', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  it('are asked for once, and again when an image or a save changed', async () => {
    const { hub, model } = makeModel();
    await jest.advanceTimersByTimeAsync(600_000);
    expect(model.images).toEqual([IMAGE]);
    expect(hub.count('listImages')).toBe(1);
    hub.changes.emit({ type: 'server', id: 'x', version: 1 });
    hub.changes.emit({ type: 'image', id: 'i', version: 1 });
    await jest.advanceTimersByTimeAsync(10);
    expect(hub.count('listImages')).toBe(2);
    model.dispose();
  });

  it('are asked for page by page', async () => {
    const { hub, model } = makeModel();
    const pages = [
      { items: [IMAGE], nextCursor: 'c' },
      { items: [{ ...IMAGE, id: 'k' }], nextCursor: null },
    ];
    const cursors: unknown[] = [];
    hub.answers['listImages'] = ({ query }: { query: { cursor?: string } }) => {
      cursors.push(query.cursor);
      return pages[cursors.length - 1];
    };
    await jest.advanceTimersByTimeAsync(10);
    expect(model.images?.map(({ id }) => id)).toEqual(['i', 'k']);
    expect(cursors).toEqual([undefined, 'c']);
    model.dispose();
  });

  it('are one’s own first and all, where there are more than a panel shows', async () => {
    const { hub, model } = makeModel();
    const own = { ...IMAGE, id: 'z' };
    let page = 0;
    hub.answers['listImages'] = ({ query }: { query: { origin?: string } }) =>
      query.origin === 'own'
        ? { items: [IMAGE, own], nextCursor: null }
        : { items: [IMAGE, { ...IMAGE, id: `other${page++}` }], nextCursor: 'more' };
    await jest.advanceTimersByTimeAsync(10);
    const others = ['other0', 'other1', 'other2', 'other3', 'other4'];
    expect(model.images?.map(({ id }) => id)).toEqual(['i', 'z', ...others]);
    model.dispose();
  });

  it('follow a save while it goes on though nobody looks, and rest when it has ended', async () => {
    const { hub, model } = makeModel([JOB]);
    await jest.advanceTimersByTimeAsync(30_000);
    expect(hub.count('listImageJobs')).toBeGreaterThan(8);
    expect(hub.count('listImages')).toBe(1);
    hub.answers['listImageJobs'] = { items: [DONE] };
    await jest.advanceTimersByTimeAsync(10_000);
    const asked = hub.asked.length;
    await jest.advanceTimersByTimeAsync(600_000);
    expect(hub.asked).toHaveLength(asked);
    model.dispose();
  });

  it('show a save at once and follow it', async () => {
    const { hub, model } = makeModel();
    await jest.advanceTimersByTimeAsync(10);
    hub.answers['saveServer'] = JOB;
    hub.answers['listImageJobs'] = { items: [JOB] };
    const saving = model.save({ name: 'env', version: '1', description: '', scrub: [] });
    expect(await saving).toEqual(JOB);
    expect(model.jobs).toEqual([JOB]);
    const before = hub.count('listImageJobs');
    await jest.advanceTimersByTimeAsync(10_000);
    expect(hub.count('listImageJobs')).toBeGreaterThan(before + 1);
    model.dispose();
  });

  it('take a change of one image without asking for all', async () => {
    const { hub, model } = makeModel();
    await jest.advanceTimersByTimeAsync(10);
    hub.answers['updateImage'] = { ...IMAGE, visibility: 'public' };
    await model.setPublic('i', true);
    expect(model.images).toEqual([{ ...IMAGE, visibility: 'public' }]);
    await model.remove('i');
    expect(model.images).toEqual([]);
    expect(hub.count('listImages')).toBe(1);
    model.dispose();
  });

  it('keep an image that may not be deleted', async () => {
    const { hub, model } = makeModel();
    await jest.advanceTimersByTimeAsync(10);
    hub.answers['deleteImage'] = new Error('Servers use it.');
    await expect(model.remove('i')).rejects.toThrow('Servers use it.');
    expect(model.images).toEqual([IMAGE]);
    model.dispose();
  });
});
