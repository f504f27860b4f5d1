import * as groups from './groups.ts';
import * as imageJobs from './imageJobs.ts';
import * as imageLibrary from './imageLibrary.ts';
import * as images from './images.ts';
import * as registry from './registry.ts';
import * as release from './release.ts';
import * as placement from './placement.ts';
import type { AnyRoute } from './route.ts';
import * as servers from './servers.ts';
import * as sessions from './sessions.ts';
import * as system from './system.ts';
import * as tokens from './tokens.ts';
import * as usage from './usage.ts';
import * as users from './users.ts';

function routesOf(module: object): AnyRoute[] {
  return Object.values(module).filter(
    (value: unknown): value is AnyRoute =>
      typeof value === 'object' && value !== null && 'method' in value && 'path' in value,
  );
}

/** Every endpoint of the contract; boot fails when one has no handler. */
export const allRoutes: readonly AnyRoute[] = [
  system,
  sessions,
  users,
  tokens,
  groups,
  placement,
  images,
  imageLibrary,
  imageJobs,
  registry,
  servers,
  release,
  usage,
].flatMap(routesOf);
