import { join } from 'node:path';
import { Forwarder } from '@davit/forward';
import { Activity } from './activity.ts';
import { BusyLoop } from './busy.ts';
import { Cgroup } from './cgroup.ts';
import { ClockStep } from './clockStep.ts';
import type { Config } from './config.ts';
import { Editors } from './editors.ts';
import { GpuMeter } from './gpu.ts';
import { GpuLoad } from './gpuLoad.ts';
import { ImageCommand } from './imageCommand.ts';
import { askJupyter, type JupyterWork } from './jupyter.ts';
import { hasRunnable } from './runnable.ts';
import { Ports } from './ports.ts';
import { SecretFile } from './secret.ts';
import { AgentServer } from './server.ts';
import { agentStatus } from './status.ts';
import { terminalTimes } from './terminals.ts';

/** The engine kills the container ten seconds after it asked it to end; the editors get most of that. */
const GRACE_MS = 6500;
const JUPYTERLAB = 'jupyterlab';

export interface AgentOptions {
  config: Config;
  env: NodeJS.ProcessEnv;
  log: (message: string) => void;
  cgroup?: Cgroup;
}

/** Everything that runs in the agent, wired. */
export class Agent {
  readonly #config: Config;
  readonly #editors: Editors;
  readonly #command: ImageCommand | undefined;
  readonly #forwarder = new Forwarder({ connections: 128, maxPools: 64 });
  readonly #busy: BusyLoop;
  readonly #server: AgentServer;

  constructor({ config, env, log, cgroup = new Cgroup() }: AgentOptions) {
    this.#config = config;
    const { runDir, editorsDir, basePath, home, memoryLimitBytes, terminalsDir, lookMs } = config;
    const editors = new Editors({
      names: config.editors,
      directory: editorsDir,
      goFile: join(runDir, 'go'),
      basePath,
      home,
      env,
      log,
    });
    this.#editors = editors;
    const { command } = config;
    this.#command = command && new ImageCommand({ command, goFile: join(runDir, 'go'), env, log });
    const cpuUs = (): number | undefined => cgroup.usage().cpuUs;
    const gpus = new GpuMeter();
    const gpuLoad = new GpuLoad(() => gpus.read());
    const busy = new BusyLoop({
      cpuUs,
      hasRunnable: () => hasRunnable(),
      askJupyter: () => this.#askJupyter(),
      gpuPercent: () => gpuLoad.percent,
      terminalOutputAt: () => terminalTimes(terminalsDir).outputAt,
      everyMs: lookMs,
    });
    this.#busy = busy;
    const activity = new Activity();
    const startedAt = Date.now();
    const clockStep = new ClockStep();
    const ports = new Ports({ own: () => new Set([this.#server.port, ...editors.ports()]) });
    this.#server = new AgentServer({
      basePath,
      secret: new SecretFile(join(runDir, 'secret')),
      editors,
      forwarder: this.#forwarder,
      activity,
      status: () =>
        agentStatus({
          startedAt,
          clockStepMs: clockStep.ms,
          editors: editors.states(),
          usage: cgroup.usage(),
          gpus: gpus.read(),
          ports: ports.list(),
          memoryLimitBytes,
          activity,
          busy: busy.state,
          lastBusyAt: busy.lastBusyAt,
          terminalInputAt: terminalTimes(terminalsDir).inputAt,
        }),
    });
  }

  /** Listens, then starts the editors as soon as the driver says so. Resolves with the port. */
  async start(): Promise<number> {
    const port = await this.#server.listen(this.#config.port, this.#config.host);
    this.#editors.start();
    this.#command?.start();
    this.#busy.start();
    return port;
  }

  /** Ends the editors in good order, then everything else; takes less than eight seconds. */
  async dispose(): Promise<void> {
    this.#busy.stop();
    await Promise.all([this.#editors.stop(GRACE_MS), this.#command?.stop(GRACE_MS)]);
    await this.#forwarder.dispose();
    await this.#server.dispose();
  }

  /** Undefined where no JupyterLab was asked for; one that is not ready has no work yet, or its end is already known. */
  async #askJupyter(): Promise<JupyterWork | undefined> {
    const port = this.#editors.get(JUPYTERLAB)?.port;
    return port === undefined ? undefined : await askJupyter(port, this.#config.basePath);
  }
}
