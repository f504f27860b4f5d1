import { join } from 'node:path';
import { buildExtension } from './bundle.ts';
import { writeExtension } from './write.ts';

/**
 * Among the extensions that code-server itself brings: those a person installs lie under /data/user and can neither hide
 * nor remove this one, and it always fits the image's own version.
 */
const PLACE = 'opt/code-server/node_modules/code-server/lib/vscode/extensions/davit';
const OVERLAY = join(import.meta.dirname, '..', 'dist', 'overlay');

/** Lays the extension down as the images get it. */
const files = await buildExtension();
await writeExtension(new Map([...files].map(([path, content]) => [`${PLACE}/${path}`, content])), OVERLAY);
