import { Agent, request } from 'undici';
import { z } from 'zod';
import type { Endpoint } from './spawner.ts';

/** A machine without a clock of its own may begin in 1970. */
const MAX_STEP_MS = 100 * 366 * 24 * 3_600_000;

/**
 * What an agent answers at `/__davit/status`. It is the word of a container whose owner may run anything in it: each field
 * is bounded here, and nothing follows from it but what that owner is shown and how long the own container ran.
 */
export const agentStatusSchema = z.object({
  contract: z.number(),
  startedAt: z.string().max(40),
  /** By how much the clock was set since then, in milliseconds, forward positive. Agents of older images do not tell. */
  clockStepMs: z.number().int().min(-MAX_STEP_MS).max(MAX_STEP_MS).optional(),
  editors: z
    .array(
      z.object({
        name: z.string().max(60),
        phase: z.enum(['waiting', 'starting', 'ready', 'failed']),
        restarts: z.number().int().min(0).max(1_000_000),
        message: z
          .string()
          .transform((text) => text.replaceAll('\0', '').toWellFormed().slice(0, 500))
          .optional(),
      }),
    )
    .max(20),
  memory: z.object({ usedBytes: z.number().min(0), limitBytes: z.number().min(0).nullable() }),
  oomKills: z.number().int().min(0),
  cpuUsageUs: z.number().min(0).nullable(),
  /** Agents of older images say nothing of cards; null where there are none. */
  gpus: z
    .array(
      z.object({
        load: z.number().min(0).max(1).nullable(),
        memoryUsedBytes: z
          .number()
          .min(0)
          .max(2 ** 50)
          .nullable(),
      }),
    )
    .max(64)
    .nullish(),
  /** Agents of older images do not name them; null where the kernel does not tell. */
  ports: z
    .array(
      z.object({
        port: z.number().int().min(1).max(65_535),
        program: z
          .string()
          .transform((text) =>
            text
              .replaceAll(/\p{Cc}/gu, '')
              .toWellFormed()
              .slice(0, 60),
          )
          .nullable(),
      }),
    )
    .max(100)
    .nullish(),
  activity: z.object({
    lastInputAt: z.string().max(40).nullable(),
    pagesOpen: z.number().int().min(0),
    busy: z.boolean().nullable(),
    busyReason: z.string().max(500).nullable(),
    lastOutputAt: z.string().max(40).nullable(),
    // Agents of older images say none of these.
    busyCode: z.enum(['kernel-busy', 'terminal-output', 'cpu-busy', 'gpu-busy']).nullable().optional(),
    /** The last moment at which it was busy or did not know. */
    lastBusyAt: z.string().max(40).nullable().optional(),
    /** The last moment at which a page was open; null: none ever was. */
    lastPageAt: z.string().max(40).nullable().optional(),
  }),
});
/** What an agent says of its server. */
export type AgentStatus = z.infer<typeof agentStatusSchema>;

/** How to reach one agent. */
export interface AgentAddress {
  endpoint: Endpoint;
  basePath: string;
  secret: string;
}

/** Asks agents how they are. */
export interface AgentClient {
  /** Rejects when there is no valid answer in time; that is «not known», never «dead». */
  status(address: AgentAddress, signal: AbortSignal): Promise<AgentStatus>;
  dispose(): Promise<void>;
}

const TIMEOUT_MS = 2000;
const MAX_BYTES = 65_536;

/** Asks over HTTP; each answer is bounded in time and size, and a redirect is not followed. */
export function createAgentClient(): AgentClient {
  const dispatcher = new Agent({
    connect: { timeout: TIMEOUT_MS },
    keepAliveTimeout: 1000,
    maxResponseSize: MAX_BYTES,
  });
  return {
    status: async ({ endpoint, basePath, secret }, signal) => {
      const host = endpoint.host.includes(':') ? `[${endpoint.host}]` : endpoint.host;
      const answer = await request(`http://${host}:${endpoint.port}${basePath}/__davit/status`, {
        dispatcher,
        headers: { 'x-davit-secret': secret },
        signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
      });
      if (answer.statusCode !== 200) {
        await answer.body.dump();
        throw new Error(`the agent answered ${answer.statusCode}`);
      }
      return agentStatusSchema.parse(await answer.body.json());
    },
    dispose: () => dispatcher.close(),
  };
}
