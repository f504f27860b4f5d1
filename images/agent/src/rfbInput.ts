/** Messages by which a person acts on a desktop (RFC 6143 section 7.5; 255 is QEMU's extended key event). */
const KEY_EVENT = 4;
const POINTER_EVENT = 5;
const CUT_TEXT = 6;
const QEMU_MESSAGE = 255;
const INPUT = new Set([KEY_EVENT, POINTER_EVENT, CUT_TEXT, QEMU_MESSAGE]);
/** The shortest of them; what is shorter belongs to the handshake, where the same bytes mean something else. */
const SHORTEST_INPUT = 6;

const BINARY_FRAME = 2;
/** Two bytes, up to eight of length, four of mask, one of payload. */
const LONGEST_HEAD = 15;

/**
 * Tells from what a browser sends to a desktop whether a person types or moves the pointer. The stream is WebSocket frames
 * (RFC 6455 section 5.2) which the client starts anew for each RFB message, so the first byte of each frame says it all;
 * everything else is skipped by its length.
 */
export class RfbInput {
  readonly #head = Buffer.alloc(LONGEST_HEAD);
  #headLength = 0;
  /** Bytes of the present frame that are still to come and are skipped. */
  #skip = 0;

  /** Takes the next piece of the stream; true if it holds input. */
  sees(chunk: Buffer): boolean {
    let seen = false;
    let offset = 0;
    while (offset < chunk.length) {
      if (this.#skip > 0) {
        const skipped = Math.min(this.#skip, chunk.length - offset);
        this.#skip -= skipped;
        offset += skipped;
        continue;
      }
      this.#head[this.#headLength] = chunk[offset] ?? 0;
      this.#headLength += 1;
      offset += 1;
      if (this.#frameBegins()) seen = true;
    }
    return seen;
  }

  /** Looks at the frame's head once it is complete with the first byte of the payload; true if that is input. */
  #frameBegins(): boolean {
    const frame = readHead(this.#head.subarray(0, this.#headLength));
    if (frame === undefined) return false;
    this.#headLength = 0;
    this.#skip = Math.max(0, frame.length - 1);
    return frame.opcode === BINARY_FRAME && frame.length >= SHORTEST_INPUT && INPUT.has(frame.first);
  }
}

interface Frame {
  opcode: number;
  /** Bytes of payload. */
  length: number;
  /** First byte of the payload, unmasked. */
  first: number;
}

/** Undefined until the head is complete. */
function readHead(head: Buffer): Frame | undefined {
  if (head.length < 2) return undefined;
  const short = head.readUInt8(1) & 0x7f;
  const masked = head.readUInt8(1) >= 0x80;
  const maskAt = 2 + lengthBytes(short);
  const payloadAt = maskAt + (masked ? 4 : 0);
  if (head.length < payloadAt + (short === 0 ? 0 : 1)) return undefined;
  const first = short === 0 ? 0 : head.readUInt8(payloadAt) ^ (masked ? head.readUInt8(maskAt) : 0);
  return { opcode: head.readUInt8(0) & 0x0f, length: readLength(head, short), first };
}

function lengthBytes(short: number): number {
  if (short === 126) return 2;
  return short === 127 ? 8 : 0;
}

function readLength(head: Buffer, short: number): number {
  if (short === 126) return head.readUInt16BE(2);
  return short === 127 ? Number(head.readBigUInt64BE(2)) : short;
}
