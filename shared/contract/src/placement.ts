import { z } from 'zod';
import { idParamsSchema } from './common.ts';
import { defineRoute } from './route.ts';

const NAME = '[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?';
const SUBDOMAIN = '[a-z0-9]([a-z0-9-]*[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*';

/** The name of an object of a cluster: a DNS subdomain of at most 253 characters. */
const objectNameSchema = z
  .string()
  .max(253)
  .regex(new RegExp(`^${SUBDOMAIN}$`), 'must be a name of lower-case letters and digits with - and . between');

/** A key of labels and taints, as Kubernetes takes it: at most 63 characters behind an optional `prefix/` of 253. */
const labelKeySchema = z
  .string()
  .max(317)
  .regex(
    new RegExp(`^(?=[^/]{1,253}/|[^/]+$)(${SUBDOMAIN}/)?${NAME}$`),
    'must be letters and digits with . _ - between, at most 63, perhaps behind a domain and a slash',
  );

/** A value of labels and taints, as Kubernetes takes it. */
const labelValueSchema = z
  .string()
  .regex(new RegExp(`^(${NAME})?$`), 'must be letters and digits with . _ - between, at most 63');

/**
 * Taints that a group may not tolerate: the cluster puts those on machines that are closed, sick or its own, and people's
 * programs there would outlast a drain, or run beside the control plane.
 */
const RESERVED_TAINT = /^(node|node-role|node\.cloudprovider)\.kubernetes\.io\//;

/** A taint that servers may run beside; without `value` any value, without `effect` any effect. A key there must be. */
export const tolerationSchema = z.strictObject({
  key: labelKeySchema.refine(
    (key) => !RESERVED_TAINT.test(key),
    'is set by the cluster itself; only the settings of the hub can let servers there',
  ),
  value: labelValueSchema.min(1, 'must not be empty; leave it out for any value').optional(),
  effect: z.enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute']).optional(),
});
export type Toleration = z.infer<typeof tolerationSchema>;

const MAX_ENTRIES = 20;

/** Where and how the pods of a server are run on a cluster; the words are those of a pod. */
export const placementSchema = z.strictObject({
  nodeSelector: z
    .record(labelKeySchema, labelValueSchema)
    .refine((labels) => Object.keys(labels).length <= MAX_ENTRIES, `must be at most ${MAX_ENTRIES}`)
    .default({}),
  tolerations: z.array(tolerationSchema).max(MAX_ENTRIES).default([]),
  /** Null: that of the hub's settings, or the cluster's own. */
  priorityClassName: objectNameSchema
    .refine((name) => !name.startsWith('system-'), 'is for the cluster’s own programs: people’s would displace them')
    .nullable()
    .default(null),
  runtimeClassName: objectNameSchema.nullable().default(null),
  /** Names of secrets in the namespace of the servers. */
  imagePullSecrets: z.array(objectNameSchema).max(MAX_ENTRIES).default([]),
});
export type Placement = z.infer<typeof placementSchema>;

/** A group's placement. Where the groups of a person contradict each other, the one of higher precedence counts. */
export const groupPlacementSchema = placementSchema.extend({
  precedence: z.number().int().min(0).max(1000).default(0),
});
export type GroupPlacement = z.infer<typeof groupPlacementSchema>;

/** `applies` is false where servers do not run on a cluster. `hub` is what the hub's settings say for all servers. */
export const placementOfGroupSchema = z.object({
  applies: z.boolean(),
  placement: groupPlacementSchema,
  hub: placementSchema,
});
export type PlacementOfGroup = z.infer<typeof placementOfGroupSchema>;

export const getGroupPlacement = defineRoute('getGroupPlacement', {
  method: 'GET',
  path: '/api/v1/groups/{id}/placement',
  summary: 'Where the servers of a group’s members run on a cluster',
  access: 'admin',
  params: idParamsSchema,
  response: placementOfGroupSchema,
});

export const setGroupPlacement = defineRoute('setGroupPlacement', {
  method: 'PUT',
  path: '/api/v1/groups/{id}/placement',
  summary: 'Set where servers of the members run from their next start on; what is left out is emptied',
  access: 'admin',
  params: idParamsSchema,
  body: groupPlacementSchema,
  response: placementOfGroupSchema,
});
