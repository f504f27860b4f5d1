import { z } from 'zod';

/** Who signs requests to savers, and a registry's tokens. */
export const SAVER_ISSUER = 'davit';
/** A request is good for so many seconds; each is answered once. */
export const SAVER_REQUEST_SECONDS = 120;
/** Where requests go, as the text of a signed token. */
export const SAVER_PATH = '/v1/requests';
/** A saver that has nothing to tell says so at least this often, in milliseconds. */
export const SAVER_BEAT_MS = 10_000;

/** Whom a request is for: the saver of that node and nobody else, whatever a registry may be called. */
export function saverAudience(node: string): string {
  return `davit-image-saver/${node}`;
}

const id = z.string().regex(/^[a-z0-9-]{1,40}$/);
const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/);
const repository = z.string().regex(/^[a-z0-9]+([._/-]+[a-z0-9]+)*$/);

/** A container: nothing in it is a path, and all of it must fit together. */
const container = z.object({
  /** As the container runtime calls it. */
  id: z.string().regex(/^[0-9a-f]{64}$/),
  podUid: z.string().regex(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/),
  serverId: id,
});

const save = z.object({
  action: z.literal('save'),
  instance: id,
  job: id,
  container,
  /** The registry as the saver reaches it. Without a token it asks by its own credentials, where it has some. */
  registry: z.object({ url: z.url({ protocol: /^https?$/ }), token: z.string().optional() }),
  /** The image that the container was started from. */
  base: z.object({ repository, digest }),
  target: z.object({ repository, tag: z.string().regex(/^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/) }),
  labels: z.record(z.string(), z.string()),
  scrub: z.array(z.string()),
  created: z.iso.datetime(),
});

const measure = z.object({ action: z.literal('measure'), container, scrub: z.array(z.string()) });

/** Ends the save of a job and waits until nothing of it is under way. */
const cancel = z.object({ action: z.literal('cancel'), instance: id, job: id });

/** Ends all saves of a hub but these. */
const sweep = z.object({ action: z.literal('sweep'), instance: id, active: z.array(id) });

/** What a hub asks of a saver; the claim `davit` of the token. */
export const saverRequestSchema = z.discriminatedUnion('action', [save, measure, cancel, sweep]);
export type SaverRequest = z.infer<typeof saverRequestSchema>;
export type SaveRequest = z.infer<typeof save>;
export type MeasureRequest = z.infer<typeof measure>;

/** One line of the answer to a save. The last is `done` or `failed`; an answer without either was cut off. */
export const saverEventSchema = z.discriminatedUnion('event', [
  z.object({
    event: z.literal('progress'),
    step: z.enum(['checking', 'saving', 'squashing', 'storing']),
    bytesDone: z.number().optional(),
    bytesTotal: z.number().optional(),
  }),
  z.object({ event: z.literal('line'), text: z.string() }),
  z.object({ event: z.literal('beat') }),
  z.object({ event: z.literal('done'), digest, sizeBytes: z.number() }),
  /** `refused`: for a reason that stays. */
  z.object({ event: z.literal('failed'), refused: z.boolean(), message: z.string() }),
]);
export type SaverEvent = z.infer<typeof saverEventSchema>;

/** The answer to `measure`; what could not be measured in time is null. */
export const saverMeasureSchema = z.object({
  notSaved: z.array(
    z.object({ path: z.string(), why: z.enum(['data', 'tmpfs', 'mount']), bytes: z.number().nullable() }),
  ),
  changedBytes: z.number().nullable(),
  freeBytes: z.number().nullable(),
});
export type SaverMeasure = z.infer<typeof saverMeasureSchema>;

/** What a refused request is answered with. */
export const saverProblemSchema = z.object({ message: z.string() });
