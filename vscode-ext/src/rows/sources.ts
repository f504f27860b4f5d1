import type { Clock } from '../base/clock.ts';
import { disposeAll, Signal, type Disposable } from '../base/signal.ts';
import type { Hub } from '../hub/hub.ts';
import type { Model } from '../hub/model.ts';
import type { Resource } from '../hub/resource.ts';
import type { Language } from '../i18n/language.ts';
import { failureText } from '../commands/failure.ts';
import { imageRows, isActive } from './imageRows.ts';
import type { Row, Tree, TreeSource } from './row.ts';
import { phaseText, serverRows } from './serverRows.ts';
import { leadText, usageRows } from './usageRows.ts';

const METRICS_MS = 5000;
const SLOW_MS = 60_000;
/** A save on its way reports by events; this is for the time when none arrive. */
const JOBS_MS = 10_000;

interface Parts {
  hub: Hub;
  model: Model;
  clock: Clock;
  language: Language;
}

/** The three views, by the names that package.json gives them. */
export function viewSources(parts: Parts): Record<'davit.server' | 'davit.images' | 'davit.usage', TreeSource> {
  const { hub, model, clock, language } = parts;
  const { texts } = language;
  return {
    'davit.server': source(
      hub,
      [
        [model.server, SLOW_MS],
        [model.metrics, METRICS_MS],
      ],
      () => {
        const server = model.server.value;
        if (server === undefined) return waiting(model.server, language);
        const rows = serverRows({ server, metrics: model.metrics.value, here: 'code-server' }, clock.now(), language);
        return { rows, description: phaseText(server, clock.now(), language) };
      },
      language,
    ),
    'davit.images': source(
      hub,
      [
        [model.images, SLOW_MS],
        [model.jobs, JOBS_MS],
      ],
      () => {
        const images = model.images.value;
        if (images === undefined) return waiting(model.images, language);
        const jobs = model.jobs.value ?? [];
        const active = jobs.filter(isActive);
        const rows = imageRows(images, jobs, clock.now(), language);
        if (active.length === 0) return { rows };
        const tooltip = texts.list(active.map(({ name, version }) => texts.save.saving(`${name}:${version}`)));
        return { rows, badge: { value: active.length, tooltip } };
      },
      language,
    ),
    'davit.usage': source(
      hub,
      [
        [model.usage, SLOW_MS],
        [model.usageByServer, SLOW_MS],
      ],
      () => {
        const summary = model.usage.value;
        if (summary === undefined) return waiting(model.usage, language);
        const rows = usageRows(summary, model.usageByServer.value, language);
        return { rows, description: texts.pair(texts.usage.today, leadText(summary.today, language)) };
      },
      language,
    ),
  };
}

type Watched = readonly [resource: Resource<unknown>, everyMs: number];

/** A view over resources of the hub: nothing while there is no hub, a quiet line above the last rows while it is away. */
function source(hub: Hub, watched: readonly Watched[], build: () => Tree, { texts }: Language): TreeSource {
  const changed = new Signal();
  const resources: Resource<unknown>[] = watched.map(([resource]) => resource);
  for (const resource of resources) resource.changed.on(() => changed.emit());
  hub.stateChanged.on(() => changed.emit());
  return {
    changed,
    tree: () => {
      const { phase } = hub.state;
      if (phase === 'absent') return { rows: [] };
      if (phase === 'connecting') return { rows: [], message: texts.connection.loading };
      const tree = build();
      return phase === 'lost' ? { ...tree, message: texts.connection.lost } : tree;
    },
    watch: () => {
      const watches: Disposable[] = watched.map(([resource, everyMs]) => resource.watch(everyMs));
      return { dispose: () => disposeAll(watches) };
    },
  };
}

/** Nothing has come yet: it is on its way, or why it could not be had. */
function waiting({ failure }: Resource<unknown>, { texts }: Language): { rows: Row[]; message: string } {
  if (failure === undefined) return { rows: [], message: texts.connection.loading };
  return { rows: [], message: `${texts.connection.failed} ${failureText(failure, texts)}` };
}
