import type { Freed, ImageJob, ReleasePolicy, ReleaseState, Server, ServerMetrics } from '@davit/contract';
import type { Change, IHub, IServerModel } from '../tokens.ts';
import { Model } from './model.ts';

/** Events tell of the server itself; it is asked for anyway at each so manieth look at its measurements. */
const FULL_EVERY = 6;

/** The server that this JupyterLab runs on. */
export class ServerModel extends Model implements IServerModel {
  #server: Server | undefined;
  #metrics: ServerMetrics | undefined;
  #allowed: readonly ReleasePolicy[] = [];

  constructor(hub: IHub) {
    super({ hub, name: 'server', fullEvery: FULL_EVERY });
  }

  get server(): Server | undefined {
    return this.#server;
  }

  get metrics(): ServerMetrics | undefined {
    return this.#metrics;
  }

  get allowedPolicies(): readonly ReleasePolicy[] {
    return this.#allowed;
  }

  async release(): Promise<Freed> {
    return this.hub.call((routes) => routes.releaseServer, { params: this.#params() });
  }

  async reset(): Promise<void> {
    this.#take(await this.hub.call((routes) => routes.resetServer, { params: this.#params() }));
  }

  async keep(hours: number): Promise<ReleaseState> {
    const release = await this.hub.call((routes) => routes.keepServer, { params: this.#params(), body: { hours } });
    if (this.#server !== undefined) this.#take({ ...this.#server, release });
    return release;
  }

  async setPolicy(policy: ReleasePolicy): Promise<void> {
    const { state, allowed } = await this.hub.call((routes) => routes.setReleasePolicy, {
      params: this.#params(),
      body: { policy },
    });
    this.#allowed = allowed;
    if (this.#server !== undefined) this.#take({ ...this.#server, releasePolicy: policy, release: state });
  }

  async reportInput(): Promise<void> {
    await this.hub.call((routes) => routes.reportInput, { params: this.#params() });
  }

  async saves(): Promise<ImageJob[]> {
    const query = { server: this.#params().id, active: 'true' };
    return (await this.hub.call((routes) => routes.listImageJobs, { query })).items;
  }

  protected override async load(full: boolean): Promise<void> {
    const params = this.#params();
    const whole = full || this.#server === undefined;
    const [server, metrics, release] = await Promise.all([
      whole ? this.hub.call((routes) => routes.getServer, { params }) : this.#server,
      this.watched ? this.hub.call((routes) => routes.getServerMetrics, { params }).catch(ignoreRefusal) : undefined,
      whole || this.#allowed.length === 0
        ? this.hub.call((routes) => routes.getRelease, { params }).catch(ignoreRefusal)
        : undefined,
    ]);
    this.#metrics = metrics ?? this.#metrics;
    this.#allowed = release?.allowed ?? this.#allowed;
    this.#server = server;
  }

  protected override concerns(change: Exclude<Change, 'all'>): boolean {
    return change.type === 'server' && change.id === this.hub.info?.server.id;
  }

  #take(server: Server): void {
    this.#server = server;
    this.emit();
  }

  #params(): { id: string } {
    const id = this.hub.info?.server.id;
    if (id === undefined) throw new TypeError('There is no hub.');
    return { id };
  }
}

/** A part of the picture that the hub cannot give leaves the rest standing; no answer at all is another matter. */
function ignoreRefusal(error: unknown): undefined {
  if (error instanceof TypeError) throw error;
}
