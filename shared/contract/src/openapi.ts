import { z } from 'zod';
import { problemSchema } from './errors.ts';
import type { AnyRoute } from './route.ts';

interface JsonObject {
  [key: string]: unknown;
}

/** The OpenAPI 3.1 document of the given endpoints; its order follows theirs, so equal contracts give equal text. */
export function openApiDocument(routes: readonly AnyRoute[], version: string): JsonObject {
  const paths: Record<string, JsonObject> = {};
  for (const route of routes) (paths[route.path] ??= {})[route.method.toLowerCase()] = operation(route);
  return {
    openapi: '3.1.0',
    info: { title: 'Davit hub', version, license: { name: 'BSD-3-Clause' } },
    paths,
    components: {
      schemas: { Problem: schemaOf(problemSchema, 'output') },
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer' },
        session: { type: 'apiKey', in: 'cookie', name: '__Host-davit' },
      },
    },
  };
}

function operation(route: AnyRoute): JsonObject {
  const hasBody = !(route.body instanceof z.ZodUndefined);
  return {
    operationId: route.name,
    summary: route.summary,
    ...(route.access === 'public'
      ? { security: [] }
      : { security: [{ bearer: [] }, { session: [] }], 'x-scope': route.scope, 'x-access': route.access }),
    parameters: [...parameters(route.params, 'path'), ...parameters(route.query, 'query')],
    ...(hasBody
      ? { requestBody: { required: true, content: { 'application/json': { schema: schemaOf(route.body, 'input') } } } }
      : {}),
    responses: {
      [String(route.status)]: success(route),
      default: {
        description: 'Refused or failed',
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    },
  };
}

function success(route: AnyRoute): JsonObject {
  if (route.status === 204) return { description: 'Done' };
  return { description: 'Done', content: { [route.mediaType]: { schema: schemaOf(route.response, 'output') } } };
}

function parameters(schema: z.ZodType, place: 'path' | 'query'): JsonObject[] {
  if (!(schema instanceof z.ZodObject)) return [];
  const json = schemaOf(schema, 'input');
  const required = new Set(json['required'] as string[] | undefined);
  const properties = (json['properties'] ?? {}) as JsonObject;
  return Object.entries(properties).map(([name, value]) => ({
    name,
    in: place,
    required: required.has(name),
    schema: value,
  }));
}

function schemaOf(schema: z.ZodType, io: 'input' | 'output'): JsonObject {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' }) as JsonObject;
  return rest;
}
