import { createHmac } from 'node:crypto';

/**
 * The secret of one container's agent. It follows from the instance's key, so nothing has to be stored, and a new
 * generation has a new one.
 */
export function agentSecret(instanceKey: Buffer, serverId: string, generation: number): string {
  return createHmac('sha256', instanceKey).update(`${serverId}:${generation}`).digest('base64url');
}
