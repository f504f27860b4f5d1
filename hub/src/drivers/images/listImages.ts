import { messageOf } from '../../platform/errors.ts';

const TRIES = 5;

/** Lists an engine's images. Podman stumbles over an image that somebody removes while it lists. */
export async function listImages<T>(list: () => Promise<T>, tries = TRIES): Promise<T> {
  try {
    return await list();
  } catch (error) {
    if (tries <= 1 || !/image not known/.test(messageOf(error))) throw error;
    return listImages(list, tries - 1);
  }
}
