import { cancelImageJob, getImageJob, getImageJobLog, listImageJobs } from '@davit/contract';
import type { Bus } from '../../../platform/bus.ts';
import type { Clock } from '../../../platform/clock.ts';
import type { Database } from '../../../platform/db.ts';
import type { ApiRouter } from '../../../platform/http.ts';
import type { Logger } from '../../../platform/log.ts';
import { Loop, type LoopOptions } from '../../../platform/loop.ts';
import type { Ticket } from '../../../platform/ticket.ts';
import type { ImageJobRow } from './model.ts';
import { JobRunner } from './runner.ts';
import { ImageJobsService } from './service.ts';
import { ImageJobStore } from './store.ts';

export interface ImageJobsDomainOptions {
  db: Database;
  bus: Bus;
  clock: Clock;
  log: Logger;
  engine: string;
  ticket: Ticket;
  onTick?: LoopOptions['onTick'];
}

/** Jobs that end in an image: the rows, who may see them, and the loop that does them. Kinds are added by `runner.handle`. */
export function createImageJobs({ db, bus, clock, log, engine, ticket, onTick }: ImageJobsDomainOptions) {
  const store = new ImageJobStore(db, engine);
  const publish = ({ id, ownerId, revision }: ImageJobRow): void =>
    bus.emit({ type: 'image-job', id, version: revision }, { userIds: [ownerId] });
  const onImage = ({ imageId, ownerId }: ImageJobRow): void =>
    bus.emit({ type: 'image', id: imageId, version: 1 }, { userIds: [ownerId] });
  const wake = (): void => loop.wake();
  const runner = new JobRunner({ store, clock, log, publish, onImage, wake });
  const service = new ImageJobsService({ store, clock, publish, wake });
  const loop = new Loop({ name: 'image-jobs', everyMs: 60_000, run: () => runner.tick(), ticket, log, onTick });
  const ends: (() => void)[] = [];
  return {
    store,
    runner,
    service,
    routes: (api: ApiRouter): void => {
      api
        .on(listImageJobs, ({ query }, { actor }) => service.list(actor, query))
        .on(getImageJob, ({ params }, { actor }) => service.get(actor, params.id))
        .on(getImageJobLog, ({ params, query }, { actor }) => service.log(actor, params.id, query.after))
        .on(cancelImageJob, ({ params }, { actor }) => service.cancel(actor, params.id));
    },
    start: () => {
      ends.push(
        // Asked for or cancelled at another hub.
        bus.subscribe(({ event, elsewhere }) => {
          if (event.type === 'image-job' && elsewhere === true) wake();
        }, wake),
        ticket.onChange(async (hold) => {
          if (hold === undefined) await runner.stop();
        }),
      );
      loop.start();
    },
    settle: async () => {
      await runner.tick();
      await runner.settled();
    },
    stop: async () => {
      for (const end of ends.splice(0)) end();
      await loop.stop();
      await runner.stop();
    },
  };
}
