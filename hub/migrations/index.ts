import type { Migration } from '../src/platform/db.ts';
import { migration as accounts } from './0001-accounts.ts';
import { migration as servers } from './0002-servers.ts';
import { migration as access } from './0003-access.ts';
import { migration as serverTokens } from './0004-server-tokens.ts';
import { migration as imageJobs } from './0005-image-jobs.ts';
import { migration as release } from './0006-release.ts';
import { migration as usage } from './0007-usage.ts';
import { migration as imageLibrary } from './0008-image-library.ts';
import { migration as replicas } from './0009-replicas.ts';
import { migration as placement } from './0010-placement.ts';
import { migration as keptDetails } from './0011-kept-details.ts';
import { migration as clockSteps } from './0012-clock-steps.ts';

/** All steps of the schema in their order; a step that has been released is never changed. */
export const migrations: readonly Migration[] = [
  accounts,
  servers,
  access,
  serverTokens,
  imageJobs,
  release,
  usage,
  imageLibrary,
  replicas,
  placement,
  keptDetails,
  clockSteps,
];
