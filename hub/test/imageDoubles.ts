import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type {
  ImageMaker,
  ImagesDomainOptions,
  Made,
  MakeOptions,
  MakeTarget,
  Sharees,
} from '../src/domains/images/index.ts';
import type { Actor } from '../src/platform/auth.ts';

/** Makes images when the test says so, and remembers what it has. */
export class FakeMaker implements ImageMaker {
  readonly images = new Map<string, Made>();
  readonly removed: string[] = [];
  readonly makings: {
    what: string;
    target: MakeTarget;
    options: MakeOptions;
    end: { resolve: () => void; reject: (reason: unknown) => void };
  }[] = [];
  /** What the engine says when it is asked to remove an image; undefined: it does. */
  refusal: Error | undefined;
  notOffered?: string;

  importArchive(path: string, target: MakeTarget, options: MakeOptions): Promise<Made> {
    return this.#make(path, target, options);
  }
  buildDockerfile(dockerfile: string, baseRef: string, target: MakeTarget, options: MakeOptions): Promise<Made> {
    return this.#make(`${baseRef}\n${dockerfile}`, target, options);
  }
  remove(ref: string): Promise<void> {
    if (this.refusal !== undefined) return Promise.reject(this.refusal);
    this.removed.push(ref);
    this.images.delete(ref);
    return Promise.resolve();
  }
  discard({ ref }: Pick<MakeTarget, 'ref'>): Promise<void> {
    this.images.delete(ref);
    return Promise.resolve();
  }
  sweep(): Promise<void> {
    return Promise.resolve();
  }
  async #make(what: string, target: MakeTarget, options: MakeOptions): Promise<Made> {
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    const end = { resolve: () => resolve(undefined), reject };
    options.signal.addEventListener('abort', () => end.reject(options.signal.reason));
    this.makings.push({ what, target, options, end });
    await promise;
    const location = { ref: target.ref, digest: `sha256:${target.job}`, sizeBytes: 1000 };
    const made = { location, editors: target.editors ?? ['jupyterlab' as const] };
    this.images.set(target.ref, made);
    return made;
  }
}

/** People and groups by name; who is in which group. */
export class FakeSharees implements Sharees {
  readonly people = new Map<string, string>();
  readonly groups = new Map<string, { name: string; members: string[] }>();

  peopleById(ids: readonly string[]): Promise<Map<string, string>> {
    return Promise.resolve(new Map([...this.people].filter(([id]) => ids.includes(id))));
  }
  groupsById(ids: readonly string[]): Promise<Map<string, string>> {
    const found = [...this.groups].filter(([id]) => ids.includes(id));
    return Promise.resolve(new Map(found.map(([id, { name }]) => [id, name])));
  }
  personNamed(name: string) {
    const found = [...this.people].find(([, one]) => one === name);
    return Promise.resolve(found === undefined ? undefined : { id: found[0], name });
  }
  groupNamed(actor: Actor, name: string) {
    const found = [...this.groups].find(([, one]) => one.name === name && one.members.includes(actor.userId));
    return Promise.resolve(found === undefined ? undefined : { id: found[0], name });
  }
  groupsOf(userId: string): Promise<string[]> {
    const found = [...this.groups].filter(([, { members }]) => members.includes(userId));
    return Promise.resolve(found.map(([id]) => id));
  }
  membersOf(groupIds: readonly string[]): Promise<string[]> {
    return Promise.resolve(groupIds.flatMap((id) => this.groups.get(id)?.members ?? []));
  }
}

/** What the images domain asks of others, for tests in which nobody shares, uploads or builds. */
export function imageDoubles(): Pick<ImagesDomainOptions, 'serversOf' | 'uploads'> & {
  maker: FakeMaker;
  sharees: FakeSharees;
} {
  return {
    maker: new FakeMaker(),
    sharees: new FakeSharees(),
    serversOf: () => Promise.resolve([]),
    uploads: {
      directory: mkdtempSync(join(tmpdir(), 'davit-uploads-')),
      maxBytes: 2 ** 30,
      diskOf: () => Promise.resolve({ free: 2 ** 40, total: 2 ** 40 }),
    },
  };
}
