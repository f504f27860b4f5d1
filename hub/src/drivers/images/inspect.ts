import type { ImageLocation } from '../../domains/images/index.ts';
import { ImageBuildError } from './buildError.ts';
import { runEngine, type EngineCli } from './engineCli.ts';

/** Tells where an image lies, `undefined` when the engine does not have it. The digest is the engine's id of the image. */
export type InspectImage = (ref: string) => Promise<ImageLocation | undefined>;

/** The part of the engine's API that this needs. */
interface ImageApi {
  getImage(ref: string): { inspect(): Promise<{ Id: string; Size: number }> };
}

/** Asks by the engine's command, which takes a fifth of a second for each call. */
export function inspectByCommand(engine: EngineCli): InspectImage {
  return async (ref) => {
    const result = await runEngine(engine, ['image', 'inspect', '--format', '{{.Id}} {{.Size}}', ref]);
    if (result.code === 0) {
      const [id = '', size = ''] = result.output.trim().split(' ');
      return location(ref, id, Number(size));
    }
    if (/no such image|not known|not found/i.test(result.tail.join('\n'))) return undefined;
    throw ImageBuildError.of(`${engine.kind} could not be asked for the image ${ref}`, result);
  };
}

/** Asks by the engine's API: cheap enough to be called again and again. */
export function inspectByApi(api: ImageApi): InspectImage {
  return async (ref) => {
    try {
      const { Id, Size } = await api.getImage(ref).inspect();
      return location(ref, Id, Size);
    } catch (error) {
      if ((error as { statusCode?: number }).statusCode === 404) return undefined;
      throw error;
    }
  };
}

/** Podman's command leaves out the name of the hash, its API and Docker do not. */
function location(ref: string, id: string, sizeBytes: number): ImageLocation {
  return { ref, digest: id.startsWith('sha256:') ? id : `sha256:${id}`, sizeBytes };
}
