import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from '@prometheus-io/client';

/**
 * How often the library looks at the event loop. At its own 10 ms and 100 ms these looks alone cost an idle hub 1 % of a
 * core, day and night.
 */
const LOOP_LOOKS = { eventLoopMonitoringPrecision: 60_000, eventLoopUtilizationTimeout: 5000 };
/** Figures that contain the time between two looks, so that they say nothing when it is long. */
const MEANINGLESS = ['min', 'max', 'mean', 'stddev', 'p50', 'p90', 'p99'];

/** The hub's Prometheus metrics; one object per hub, so that tests with several hubs do not clash. */
export class Metrics {
  readonly registry = new Registry();
  readonly requests = new Counter({
    name: 'davit_http_requests_total',
    help: 'API requests by route and status',
    labelNames: ['route', 'status'],
    registers: [this.registry],
  });
  readonly loopSeconds = new Histogram({
    name: 'davit_loop_tick_seconds',
    help: 'Duration of loop ticks',
    labelNames: ['loop'],
    buckets: [0.01, 0.05, 0.1, 0.5, 1, 5, 30],
    registers: [this.registry],
  });
  readonly loopFailures = new Counter({
    name: 'davit_loop_failures_total',
    help: 'Loop ticks that failed',
    labelNames: ['loop'],
    registers: [this.registry],
  });
  /** Adds the number of servers by phase, counted when somebody scrapes. */
  countServers(count: () => Promise<readonly { phase: string; count: number }[]>): void {
    new Gauge({
      name: 'davit_servers',
      help: 'Servers by phase',
      labelNames: ['phase'],
      registers: [this.registry],
      async collect() {
        const counts = await count();
        this.reset();
        for (const { phase, count: servers } of counts) this.set({ phase }, servers);
      },
    });
  }

  /** Adds whether this hub is the one that acts. */
  showLease(isHeld: () => boolean): void {
    new Gauge({
      name: 'davit_acts',
      help: 'Whether this hub is the one of those on the database whose loops act: 1 or 0',
      registers: [this.registry],
      collect() {
        this.set(isHeld() ? 1 : 0);
      },
    });
  }

  /** Adds the process' own figures: memory, CPU, and of the event loop its use and how late it is at the scrape. */
  collectProcess(): void {
    collectDefaultMetrics({ register: this.registry, ...LOOP_LOOKS });
    for (const name of MEANINGLESS) this.registry.removeSingleMetric(`nodejs_eventloop_lag_${name}_seconds`);
  }

  /** The `onTick` of loops. */
  readonly onTick = (loop: string, seconds: number, failed: boolean): void => {
    this.loopSeconds.observe({ loop }, seconds);
    if (failed) this.loopFailures.inc({ loop });
  };
}
