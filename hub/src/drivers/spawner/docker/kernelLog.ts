import { constants } from 'node:fs';
import { open } from 'node:fs/promises';

/** Longer than any record of the kernel's log; a read into less fails. */
const RECORD_BYTES = 16_384;

/**
 * Whether the kernel says that it killed a process of this container for lack of memory. With cgroup v1 Podman does not
 * notice, and the counter in the cgroup is gone with the container. False where the log may not be read (not root).
 */
export async function killedForMemory(engineId: string, path = '/dev/kmsg'): Promise<boolean> {
  for await (const record of records(path)) {
    if (record.includes('oom-kill:') && record.includes(engineId)) return true;
  }
  return false;
}

/** The records of the kernel's log so far: each read gives one, EAGAIN is the end, EPIPE a record that was overwritten. */
async function* records(path: string): AsyncGenerator<string> {
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch(() => undefined);
  if (file === undefined) return;
  try {
    const buffer = Buffer.alloc(RECORD_BYTES);
    for (;;) {
      const read = await file.read(buffer, 0, RECORD_BYTES, null).catch(codeOf);
      if (read === 'EPIPE') continue;
      if (read === undefined || typeof read === 'string' || read.bytesRead === 0) return;
      yield buffer.toString('latin1', 0, read.bytesRead);
    }
  } finally {
    await file.close();
  }
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}
