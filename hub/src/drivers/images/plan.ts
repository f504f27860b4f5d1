import { createHash } from 'node:crypto';
import { isService, type Catalogue, type CatalogueImage } from './catalogue.ts';
import type { ContextFile } from './contextFiles.ts';
import type { Overlays } from './overlays.ts';

/** The Debian that all images start from, made or tagged once for each engine. */
export const OS_RELEASE = 'bookworm';
export const OS_IMAGE = `localhost/davit/debian:${OS_RELEASE}`;
/** The port on which the agent of every image listens. */
export const AGENT_PORT = 7070;
const CONTRACT = '1';
/** In the context of the last step: what is copied to the image's root. */
const ROOT_FILES = 'root';
const AGENT_FILE = `${ROOT_FILES}/opt/davit/agent.cjs`;

/**
 * One call of the engine's build command. `layers` is what the image's own Dockerfile makes; `finish` puts the agent, the
 * editors' extensions and the labels on top, so that a new agent or extension never rebuilds the layers.
 */
export interface BuildStep {
  image: string;
  part: 'layers' | 'finish';
  ref: string;
  args: Record<string, string>;
  labels: Record<string, string>;
  files: ContextFile[];
  dockerfile: string;
}

/** The references of one image; equal content gives equal references on every machine. A service has one, for both. */
export interface ImageRefs {
  layers: string;
  image: string;
}

/** The agent as one file of JavaScript. */
export type AgentBundle = Uint8Array;

/** What the last step adds to an image. */
export interface Added {
  agent: AgentBundle;
  overlays: Overlays;
}

/** A hash over paths, execute bits and contents, 12 hexadecimal digits; dates and owners do not count. */
export function filesHash(files: ContextFile[]): string {
  const hash = createHash('sha256');
  for (const file of files) {
    hash.update(`${file.path}\0${file.executable ? 'x' : '-'}\0${file.content.length}\0`).update(file.content);
  }
  return short(hash.digest('hex'));
}

/** The references of all images of a catalogue, by name. */
export function imageRefs({ images, finish }: Catalogue, added: Added): Map<string, ImageRefs> {
  const refs = new Map<string, ImageRefs>();
  for (const image of images) {
    const { manifest, files } = image;
    const parents = manifest.parents.map((parent) => required(refs, parent).layers);
    const finishHash = filesHash([...finish, ...addedFiles(image, added)]);
    const layers = hashOf([OS_IMAGE, filesHash(files), JSON.stringify(manifest.args), ...parents]);
    if (isService(image)) {
      const ref = `localhost/davit/${manifest.name}:${hashOf([layers, JSON.stringify(manifest)])}`;
      refs.set(manifest.name, { layers: ref, image: ref });
      continue;
    }
    refs.set(manifest.name, {
      layers: `localhost/davit/layers/${manifest.name}:${layers}`,
      image: `localhost/davit/${manifest.name}:${hashOf([layers, JSON.stringify(manifest), finishHash])}`,
    });
  }
  return refs;
}

/**
 * The steps that make one image, in order: its parents' layers, its own, and its finish, less those whose reference is
 * in `present`. Parents of layers that are present are not asked for.
 */
export function buildPlan(
  catalogue: Catalogue,
  refs: Map<string, ImageRefs>,
  added: Added,
  name: string,
  present: ReadonlySet<string>,
): BuildStep[] {
  const steps: BuildStep[] = [];
  const addLayers = (image: CatalogueImage): void => {
    const { layers } = required(refs, image.manifest.name);
    if (present.has(layers) || steps.some((step) => step.ref === layers)) return;
    for (const parent of image.manifest.parents) addLayers(findImage(catalogue, parent));
    steps.push(layersStep(image, refs));
  };
  const image = findImage(catalogue, name);
  if (present.has(required(refs, name).image)) return [];
  addLayers(image);
  if (isService(image)) return steps;
  return [...steps, finishStep(catalogue, image, required(refs, name), added)];
}

/** The labels by which the hub and other tools know an image. */
export function imageLabels({ manifest }: CatalogueImage): Record<string, string> {
  return {
    'davit.contract': CONTRACT,
    'davit.editors': manifest.editors.join(','),
    'davit.port': String(AGENT_PORT),
    'org.opencontainers.image.title': manifest.title,
    'org.opencontainers.image.version': manifest.version,
    'org.opencontainers.image.description': manifest.description,
  };
}

/** Without a contract: nobody starts it as a server. */
function serviceLabels({ manifest }: CatalogueImage): Record<string, string> {
  return {
    'davit.kind': 'service',
    'org.opencontainers.image.title': manifest.title,
    'org.opencontainers.image.version': manifest.version,
    'org.opencontainers.image.description': manifest.description,
  };
}

function layersStep(image: CatalogueImage, refs: Map<string, ImageRefs>): BuildStep {
  const { manifest, dockerfile, files } = image;
  const args: Record<string, string> = { ...manifest.args };
  if (/^ARG OS_IMAGE\b/m.test(dockerfile)) args['OS_IMAGE'] = OS_IMAGE;
  for (const parent of manifest.parents) args[argumentName(parent)] = required(refs, parent).layers;
  return {
    image: manifest.name,
    part: 'layers',
    ref: required(refs, manifest.name).layers,
    args,
    labels: isService(image) ? serviceLabels(image) : {},
    files,
    dockerfile,
  };
}

function finishStep({ finish }: Catalogue, image: CatalogueImage, refs: ImageRefs, added: Added): BuildStep {
  const dockerfile = finish.find((file) => file.path === 'Dockerfile');
  return {
    image: image.manifest.name,
    part: 'finish',
    ref: refs.image,
    args: { LAYERS: refs.layers },
    labels: imageLabels(image),
    files: [...finish, ...addedFiles(image, added)],
    dockerfile: Buffer.from(dockerfile?.content ?? []).toString('utf8'),
  };
}

/** The build argument that carries a parent's reference: `code-server` becomes `CODE_SERVER`. */
function argumentName(parent: string): string {
  return parent.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_');
}

function addedFiles({ manifest }: CatalogueImage, { agent, overlays }: Added): ContextFile[] {
  const extensions = manifest.editors.flatMap((editor) => overlays[editor] ?? []);
  return [
    { path: AGENT_FILE, executable: false, content: agent },
    ...extensions.map((file) => ({ ...file, path: `${ROOT_FILES}/${file.path}` })),
  ];
}

/** The image of that name; throws for a name that the catalogue does not have. */
export function findImage({ images }: Catalogue, name: string): CatalogueImage {
  const image = images.find((one) => one.manifest.name === name);
  if (image !== undefined) return image;
  const known = images.map((one) => one.manifest.name).join(', ');
  throw new Error(`There is no image ${name}. Known images: ${known}.`);
}

function required(refs: Map<string, ImageRefs>, name: string): ImageRefs {
  const found = refs.get(name);
  if (found === undefined) throw new Error(`There is no image ${name}.`);
  return found;
}

function hashOf(parts: string[]): string {
  return short(createHash('sha256').update(JSON.stringify(parts)).digest('hex'));
}

function short(hex: string): string {
  return hex.slice(0, 12);
}
