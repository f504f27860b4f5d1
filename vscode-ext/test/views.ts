import { Hub } from '../src/hub/hub.ts';
import { createModel } from '../src/hub/model.ts';
import { viewSources } from '../src/rows/sources.ts';
import { TestClock } from './clock.ts';
import { english } from './samples.ts';

/** The names of the views that the extension fills. */
export function viewNames(): string[] {
  const clock = new TestClock();
  const hub = new Hub({ clock });
  const model = createModel(hub, () => Promise.reject(new Error('no hub')), clock);
  return Object.keys(viewSources({ hub, model, clock, language: english }));
}
