import { createHash, randomBytes, randomInt } from 'node:crypto';

const LETTERS = 'abcdefghijklmnopqrstuvwxyz';
const ALPHABET = `${LETTERS}0123456789`;

/** A new id: 12 characters [a-z0-9], the first a letter because DNS labels and pod names want one. 61 bits. */
export function randomId(): string {
  let id = LETTERS.charAt(randomInt(LETTERS.length));
  while (id.length < 12) id += ALPHABET.charAt(randomInt(ALPHABET.length));
  return id;
}

/** A secret of 256 bits as 43 URL-safe characters, behind an optional prefix. */
export function randomSecret(prefix = ''): string {
  return prefix + randomBytes(32).toString('base64url');
}

/** How secrets are stored: the SHA-256 as hex. A plain hash is enough for 256 random bits. */
export function hashSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}
