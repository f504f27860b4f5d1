import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const FOLDER = join(import.meta.dirname, '..', 'dist');
const CHROMIUM = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium';

/** Of Linux: instructions of a socket filter, what a seccomp filter answers, and the numbers of what is refused. */
const LOAD = 0x20;
const IF_EQUAL = 0x15;
const RETURN = 0x06;
const ALLOW = 0x7fff0000;
const REFUSE_FAMILY = 0x00050000 + 97;
const SOCKET_CALL: Record<string, number> = { x64: 41, arm64: 198 };
const NETLINK_FAMILY = 16;
/** Offsets in what the kernel shows of a call. */
const CALL_NUMBER = 0;
const FIRST_ARGUMENT = 16;

/**
 * The browser's program for tests. Chromium drops requests under way when a network interface of its machine comes or
 * goes, as each container's does; a person's browser runs elsewhere. So where bubblewrap is there, Chromium runs
 * without netlink sockets, by which it would hear of that.
 */
export function quietBrowser(): string {
  const call = SOCKET_CALL[process.arch];
  if (call === undefined || !existsSync('/usr/bin/bwrap')) return CHROMIUM;
  mkdirSync(FOLDER, { recursive: true });
  const filter = join(FOLDER, 'no-netlink.bpf');
  writeFileSync(filter, noNetlink(call));
  const program = join(FOLDER, 'chromium');
  const script = `#!/bin/sh\nexec bwrap --die-with-parent --dev-bind / / --seccomp 9 -- '${CHROMIUM}' "$@" 9< '${filter}'\n`;
  writeFileSync(program, script, { mode: 0o755 });
  return program;
}

/** A seccomp filter that refuses sockets of the netlink family and allows the rest, as the kernel's `sock_filter`s. */
function noNetlink(socketCall: number): Buffer {
  const lines = [
    [LOAD, 0, 0, CALL_NUMBER],
    [IF_EQUAL, 0, 3, socketCall],
    [LOAD, 0, 0, FIRST_ARGUMENT],
    [IF_EQUAL, 0, 1, NETLINK_FAMILY],
    [RETURN, 0, 0, REFUSE_FAMILY],
    [RETURN, 0, 0, ALLOW],
  ] as const;
  return Buffer.concat(
    lines.map(([code, whenTrue, whenFalse, value]) => {
      const line = Buffer.from([code, 0, whenTrue, whenFalse, 0, 0, 0, 0]);
      line.writeUInt32LE(value, 4);
      return line;
    }),
  );
}
