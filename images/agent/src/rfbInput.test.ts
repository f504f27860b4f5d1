import { describe, expect, it } from '@jest/globals';
import { RfbInput } from './rfbInput.ts';

/** A WebSocket frame as a browser sends it. */
function frame(payload: number[], { opcode = 2, mask = [1, 2, 3, 4] as number[] | undefined } = {}): Buffer {
  const { length } = payload;
  const size =
    length < 126
      ? [length]
      : length < 65_536
        ? [126, length >> 8, length & 255]
        : [127, 0, 0, 0, 0, 0, length >> 16, (length >> 8) & 255, length & 255];
  size[0] = (size[0] ?? 0) | (mask ? 0x80 : 0);
  const masked = payload.map((byte, index) => byte ^ (mask?.[index % 4] ?? 0));
  return Buffer.from([0x80 | opcode, ...size, ...(mask ?? []), ...masked]);
}

const KEY = [4, 1, 0, 0, 0, 0, 0, 65];
const POINTER = [5, 0, 0, 10, 0, 10];
const UPDATE_REQUEST = [3, 1, 0, 0, 0, 0, 5, 0, 3, 32];
const PASTE = [6, 0, 0, 0, 0, 0, 0, 2, 104, 105];
const ENCODINGS = [2, 0, 0, 1, 0, 0, 0, 5];
const VERSION = [...Buffer.from('RFB 003.008\n')];

describe('what counts as input', () => {
  it.each([
    ['a key', KEY],
    ['the pointer', POINTER],
    ['a paste', PASTE],
    ['an extended key', [255, 0, 0, 1, 0, 0, 0, 65, 0, 0, 0, 30]],
    ['a paste of 300 bytes', [6, 0, 0, 0, 0, 0, 1, 36, ...Array.from({ length: 292 }, () => 97)]],
    ['a paste of 70,000 bytes', [6, 0, 0, 0, 0, 1, 17, 104, ...Array.from({ length: 69_992 }, () => 97)]],
  ])('%s', (_name, message) => {
    expect(new RfbInput().sees(frame(message))).toBe(true);
    expect(new RfbInput().sees(frame(message, { mask: undefined }))).toBe(true);
  });

  it.each([
    ['a request for the picture', frame(UPDATE_REQUEST)],
    ['the encodings', frame(ENCODINGS)],
    ['the version', frame(VERSION)],
    ['the choice of security type 5', frame([5])],
    ['a frame without a payload', frame([])],
    ['a ping that looks like a key', frame(KEY, { opcode: 9 })],
    ['a close', frame([3, 232], { opcode: 8 })],
    ['text that looks like a key', frame(KEY, { opcode: 1 })],
  ])('not %s', (_name, data) => {
    expect(new RfbInput().sees(data)).toBe(false);
  });
});

describe('a stream', () => {
  const stream = Buffer.concat([
    frame(VERSION),
    frame([1]),
    frame([]),
    frame(UPDATE_REQUEST),
    frame([6, ...Array.from({ length: 400 }, () => 4)]),
    frame(UPDATE_REQUEST),
    frame(POINTER),
  ]);

  it.each([1, 2, 3, 5, 7, 16, 1000])('is understood in pieces of %d bytes', (size) => {
    const input = new RfbInput();
    const seen: number[] = [];
    for (let offset = 0; offset < stream.length; offset += size) {
      if (input.sees(stream.subarray(offset, offset + size))) seen.push(offset);
    }
    expect(seen.length).toBe(size === 1000 ? 1 : 2);
  });

  it('does not take the middle of a message for the beginning of one', () => {
    const input = new RfbInput();
    const picture = frame([3, ...Array.from({ length: 300 }, () => 5)]);
    expect([input.sees(picture.subarray(0, 20)), input.sees(picture.subarray(20))]).toEqual([false, false]);
    expect(input.sees(frame(KEY))).toBe(true);
  });

  it('of nonsense neither throws nor hangs', () => {
    const input = new RfbInput();
    for (let round = 0; round < 200; round += 1)
      input.sees(Buffer.from(Array.from({ length: 500 }, (_, i) => (i * 7919 + round * 104_729) % 256)));
    expect(input.sees(Buffer.from([0x82, 0xff, 255, 255, 255, 255, 255, 255, 255, 255, 1, 2, 3, 4, 5]))).toEqual(
      expect.any(Boolean),
    );
  });
});
