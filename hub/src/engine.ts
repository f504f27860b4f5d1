import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { RegistryClient } from '@davit/oci';
import type { Config } from './config.ts';
import type { BuildShelf, ImageMaker, ImageSource } from './domains/images/index.ts';
import { nodeCredential, type RegistryPort } from './domains/registry/index.ts';
import { SAVE_MS, type Spawner } from './domains/servers/index.ts';
import type { Instance } from './domains/settings/index.ts';
import {
  EngineImageMaker,
  EngineShelf,
  ImageBuilder,
  inspectByApi,
  knownImages,
  loadOverlays,
  recordedImages,
  RegistryImages,
  RegistryMaker,
} from './drivers/images/index.ts';
import { hubRegistry, registryAuth, type RegistrySignIn } from './drivers/registry/index.ts';
import { loadSigner, registryToken, type Signer } from './drivers/signing/index.ts';
import type { SaverSettings } from './drivers/spawner/kubernetes/index.ts';
import type { KubernetesConfig } from './kubernetesConfig.ts';
import { systemClock as clock } from './platform/clock.ts';
import { AppError, messageOf } from './platform/errors.ts';
import type { Logger } from './platform/log.ts';

const ROOT = join(import.meta.dirname, '..', '..');

/** What runs servers and has their images, by DAVIT_ENGINE. */
export interface EngineParts {
  spawner: Spawner;
  images: ImageSource;
  imageMaker: ImageMaker;
  /** Where builds of earlier versions lie; undefined where others look after the images. */
  shelf?: BuildShelf;
  registry?: RegistryPort;
  /** Address of this machine to listen on for calls from inside servers. */
  gateway: (signal: AbortSignal) => Promise<string>;
  /** The gateway is always there, and not only while a container runs. */
  fixedGateway?: string;
}

interface EngineOptions {
  config: Config;
  instance: Instance;
  log: Logger;
  /** Told what has to end, in the order in which it was started. */
  onStarted: (name: string, end: () => Promise<unknown>) => void;
}

/** The clients of the engines are loaded on demand: that of Kubernetes alone takes 45 MB of memory. */
export function openEngine(options: EngineOptions): Promise<EngineParts> {
  const { kubernetes } = options.config;
  return kubernetes === undefined ? openDocker(options) : openCluster(options, kubernetes);
}

async function openDocker({ config, instance, log, onStarted }: EngineOptions): Promise<EngineParts> {
  const instanceId = instance.id;
  const { connectEngine, createDockerSpawner } = await import('./drivers/spawner/docker/index.ts');
  const { dataDir, dockerHost } = config;
  // Only with a database of their own choice can there be several hubs.
  const serviceName = config.databaseUrl === undefined ? undefined : `podman-${config.port}`;
  const engine = await connectEngine({ dataDir, instanceId, dockerHost, serviceName });
  onStarted('the engine', () => engine.dispose());
  log.info({ engine: engine.kind, instance: instanceId }, 'container engine answers');
  const spawner = await createDockerSpawner(engine, {
    instanceId,
    sources: config.sources,
    tmpfsDirs: config.tmpfsDirs,
    savesDir: join(dataDir, 'run', 'saves'),
    apiPort: config.apiPort,
    declaredGpus: config.declaredGpus.flatMap(({ kind, count }) =>
      Array.from({ length: count }, (_, index) => ({ id: `${kind}-${index}`, kind, declared: true })),
    ),
    log,
    clock,
  });
  onStarted('the spawner', () => spawner.dispose());
  const [workDir, imagesDir] = [join(dataDir, 'run', 'images'), join(ROOT, 'images')];
  const images = await ImageBuilder.create({
    engine: engine.cli,
    imagesDir,
    overlays: await loadOverlays(ROOT),
    workDir,
    inspect: inspectByApi(engine.client),
  });
  const imageMaker = new EngineImageMaker({
    engine: engine.cli,
    api: engine.client,
    builder: images,
    imagesDir,
    workDir,
    instanceId,
  });
  const shelf = new EngineShelf(engine.client, images);
  return { spawner, images, imageMaker, shelf, gateway: (signal) => spawner.gateway(signal) };
}

async function openCluster(
  { config, instance, log, onStarted }: EngineOptions,
  { cluster, registry, signing, saver, apiHost }: KubernetesConfig,
): Promise<EngineParts> {
  const { KubernetesSpawner, loadKubeConfig } = await import('./drivers/spawner/kubernetes/index.ts');
  const { diskLimitMb } = config;
  const { pullHost, pushUrl } = registry;
  const signer = signing === undefined ? undefined : await readSigner(signing);
  const signIn = registrySignIn(registry.auth, signer);
  const client = new RegistryClient(pushUrl, registryAuth(signIn, clock));
  const imageMaker = new RegistryMaker(client, pullHost);
  const spawner = new KubernetesSpawner(readConfig(loadKubeConfig), {
    instanceId: instance.id,
    cluster,
    diskLimitMb,
    log,
    ...(signIn.kind === 'token'
      ? { registry: { host: pullHost, credential: () => nodeCredential(instance.key, clock.now()) } }
      : {}),
    ...(saver === undefined || signer === undefined
      ? {}
      : {
          saver: {
            ...saver,
            sign: (claims, ttlSeconds) => signer.sign(claims, { now: clock.now(), ttlSeconds }),
            registry: savingInto(registry, signIn, imageMaker),
          },
        }),
  });
  onStarted('the spawner', () => spawner.dispose());
  // The hub's own image has no sources; what they make is written down in it.
  const known =
    (await recordedImages(join(ROOT, 'images.json'))) ??
    (await knownImages(join(ROOT, 'images'), await loadOverlays(ROOT)));
  log.info({ namespace: cluster.namespace, instance: instance.id }, 'servers run on the cluster');
  return {
    spawner,
    images: new RegistryImages(known, { pullHost, client }),
    imageMaker,
    registry: hubRegistry(pullHost, client, signIn),
    gateway: () => Promise.resolve(apiHost),
    fixedGateway: apiHost,
  };
}

/**
 * How images get into the registry: what savers may do there, by the hub's signature. A saver cannot ask for another token,
 * so the one that it gets counts for the longest save; it opens that save's own repository alone, and its base to read.
 */
export function savingInto(
  { pullHost, pushUrl }: KubernetesConfig['registry'],
  signIn: RegistrySignIn,
  maker: ImageMaker,
): SaverSettings['registry'] {
  const remove = (ref: string) => maker.remove(ref);
  if (signIn.kind !== 'token') return { pullHost, pushUrl, token: undefined, remove };
  const { signer, service } = signIn;
  const token: SaverSettings['registry']['token'] = (access) =>
    registryToken(signer, { service, subject: 'image-saver', access }, clock.now(), SAVE_MS / 1000);
  return { pullHost, pushUrl, token, remove };
}

function registrySignIn(auth: KubernetesConfig['registry']['auth'], signer: Signer | undefined): RegistrySignIn {
  if (auth.kind === 'password') {
    const { user, passwordFile } = auth;
    return { kind: 'password', user, password: async () => (await readFile(passwordFile, 'utf8')).trim() };
  }
  if (auth.kind === 'none' || signer === undefined) return { kind: 'none' };
  return { kind: 'token', service: auth.service, signer };
}

async function readSigner({ keyFile, certFile }: NonNullable<KubernetesConfig['signing']>): Promise<Signer> {
  const [key, certificate] = await Promise.all([readFile(keyFile, 'utf8'), readFile(certFile, 'utf8')]);
  return loadSigner(key, certificate);
}

function readConfig<T>(load: (env: NodeJS.ProcessEnv) => T): T {
  try {
    return load(process.env);
  } catch (error) {
    throw new AppError('unavailable', messageOf(error), { cause: error });
  }
}
