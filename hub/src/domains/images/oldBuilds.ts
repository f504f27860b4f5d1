/** An image of the engine, as the look for old builds sees it. */
export interface EngineImage {
  digest: string;
  /** Its references; none of what a build left on its way. */
  refs: readonly string[];
  createdAt: Date;
  /** A container was made from it, running or not. */
  inUse: boolean;
}

/** What builds are kept for. */
export interface BuildsInUse {
  /** References of the catalogue as it is now. Only repositories that are among them are touched. */
  wanted: ReadonlySet<string>;
  /** Images that rows of this hub name. */
  kept: ReadonlySet<string>;
  /** A build is old when a newer one of its repository was there before this time. */
  before: Date;
}

/** The port to the builds that an engine keeps, implemented by a driver. */
export interface BuildShelf {
  /** References of the catalogue's images and of their layers as they are built now. */
  wanted(): readonly string[];
  images(signal: AbortSignal): Promise<EngineImage[]>;
  /**
   * Takes a reference away, and the image with its last one; layers on which other images are made stay. Refused while a
   * container uses it; done when it is already gone.
   */
  remove(ref: string): Promise<void>;
}

/** Tags of builds; what somebody tagged by hand stays. */
const CONTENT_HASH = /^[0-9a-f]{12}$/;

/**
 * Images that are nothing but old builds of the catalogue. Several hubs, also of other versions of Davit, may share the
 * engine, so that the newest of a repository stays whoever wants it, and any other stays for a while after a newer came:
 * a hub that still wants an older one builds it again, and has the newest then. The newest come first, because they are
 * made on the others.
 */
export function oldBuilds(images: readonly EngineImage[], { wanted, kept, before }: BuildsInUse): EngineImage[] {
  const byRepository = new Map<string, Date[]>();
  const present = new Set<string>();
  for (const { refs, createdAt } of images) {
    for (const ref of refs) {
      const { repository } = partsOf(ref);
      byRepository.set(repository, [...(byRepository.get(repository) ?? []), createdAt]);
      if (wanted.has(ref)) present.add(repository);
    }
  }
  const isOld = (ref: string, createdAt: Date): boolean => {
    const { repository, tag } = partsOf(ref);
    if (wanted.has(ref) || !present.has(repository) || !CONTENT_HASH.test(tag)) return false;
    return (byRepository.get(repository) ?? []).some((other) => other > createdAt && other < before);
  };
  return images
    .filter(
      ({ digest, refs, createdAt, inUse }) =>
        !inUse && !kept.has(digest) && refs.length > 0 && refs.every((ref) => isOld(ref, createdAt)),
    )
    .sort((one, other) => other.createdAt.getTime() - one.createdAt.getTime());
}

function partsOf(ref: string): { repository: string; tag: string } {
  const at = ref.lastIndexOf(':');
  return at > ref.lastIndexOf('/')
    ? { repository: ref.slice(0, at), tag: ref.slice(at + 1) }
    : { repository: ref, tag: '' };
}
