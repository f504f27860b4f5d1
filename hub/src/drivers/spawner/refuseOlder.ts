import { SpawnWaits, type ServerSpec } from '../../domains/servers/spawner.ts';

/**
 * Refuses to put an older generation in the place of a newer one: whoever asks for it was replaced by another hub a moment
 * ago and does not know yet. `present` is the generation of the container that is there.
 */
export function refuseOlder({ generation }: ServerSpec, present: number | undefined): void {
  if (present === undefined || present <= generation) return;
  throw new SpawnWaits({
    code: 'creating-container',
    message: 'Waiting until a newer container of this server is gone',
    params: {},
  });
}
