import { z } from 'zod';
import type { RegistryAccess } from '../signing/index.ts';
import type { Authorizer } from './authorizer.ts';

/** One image as its manifest tells of it. Sizes as they travel, which is compressed. */
export interface RegistryManifest {
  digest: string;
  sizeBytes: number;
}

const MANIFESTS = [
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ');
const CALL_MS = 10_000;

const manifestSchema = z.object({
  config: z.object({ size: z.number() }),
  layers: z.array(z.object({ size: z.number() })),
});
const repositoriesSchema = z.object({ repositories: z.array(z.string()).nullable() });
const tagsSchema = z.object({ tags: z.array(z.string()).nullable() });

/** An OCI registry (Distribution Specification 1.1) as the hub calls it. Rejects when it does not answer as it should. */
export class RegistryClient {
  readonly #url: URL;
  readonly #authorize: Authorizer;

  constructor(url: URL, authorize: Authorizer) {
    this.#url = url;
    this.#authorize = authorize;
  }

  /** An image by tag or digest; undefined when it is not there. */
  async manifest(repository: string, reference: string): Promise<RegistryManifest | undefined> {
    const answer = await this.#send('GET', `/v2/${repository}/manifests/${reference}`, [on(repository, 'pull')]);
    if (answer.status === 404) return discarded(answer);
    const digest = answer.headers.get('docker-content-digest');
    if (!answer.ok || digest === null) throw await unexpected(answer, repository);
    const { config, layers } = manifestSchema.parse(await answer.json());
    return { digest, sizeBytes: layers.reduce((sum, { size }) => sum + size, config.size) };
  }

  /** Takes an image away with all its tags; done when it is already gone. Its layers go when the registry collects. */
  async remove(repository: string, digest: string): Promise<void> {
    const answer = await this.#send('DELETE', `/v2/${repository}/manifests/${digest}`, [
      on(repository, 'pull', 'delete'),
    ]);
    if (answer.status === 405)
      throw new Error('The registry does not delete: an admin has to set REGISTRY_STORAGE_DELETE_ENABLED=true for it.');
    if (!answer.ok && answer.status !== 404) throw await unexpected(answer, repository);
    await discarded(answer);
  }

  /** Names of repositories in their order, at most `limit`, beginning behind `after`. */
  async repositories({ after, limit }: { after: string | undefined; limit: number }): Promise<string[]> {
    const query = new URLSearchParams({ n: String(limit), ...(after === undefined ? {} : { last: after }) });
    const access: RegistryAccess = { type: 'registry', name: 'catalog', actions: ['*'] };
    const answer = await this.#send('GET', `/v2/_catalog?${query.toString()}`, [access]);
    if (!answer.ok) throw await unexpected(answer, 'the list of repositories');
    return repositoriesSchema.parse(await answer.json()).repositories ?? [];
  }

  /** Tags of a repository in their order; none when it is not there, or empty. */
  async tags(repository: string): Promise<string[]> {
    const answer = await this.#send('GET', `/v2/${repository}/tags/list`, [on(repository, 'pull')]);
    if (answer.status === 404) {
      await discarded(answer);
      return [];
    }
    if (!answer.ok) throw await unexpected(answer, repository);
    return (tagsSchema.parse(await answer.json()).tags ?? []).sort();
  }

  async #send(method: string, path: string, access: readonly RegistryAccess[]): Promise<Response> {
    const authorization = await this.#authorize(access);
    return fetch(new URL(path, this.#url), {
      method,
      headers: { accept: MANIFESTS, ...(authorization === undefined ? {} : { authorization }) },
      signal: AbortSignal.timeout(CALL_MS),
    });
  }
}

function on(name: string, ...actions: string[]): RegistryAccess {
  return { type: 'repository', name, actions };
}

/** An answer that is not read holds its connection. */
async function discarded(answer: Response): Promise<undefined> {
  await answer.body?.cancel();
  return undefined;
}

async function unexpected(answer: Response, asked: string): Promise<Error> {
  await discarded(answer);
  if (answer.status === 401 || answer.status === 403)
    return new Error(
      `The registry does not let the hub in (${asked}). An admin has to check how the hub signs in to it.`,
    );
  return new Error(`The registry answered ${answer.status} when asked for ${asked}.`);
}
