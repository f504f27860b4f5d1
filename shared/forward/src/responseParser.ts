import { ForwardError } from './errors.ts';
import type { ResponseHeaders } from './types.ts';

/** Status line and headers of a response, as they were received. */
export interface ResponseHead {
  status: number;
  /** Reason phrase, possibly empty. */
  text: string;
  /** By lower-case name, decoded as latin1, which Node writes again as the same bytes. */
  headers: ResponseHeaders;
}

export interface ResponseHandler {
  /** Once per response, after interim ones (1xx), which are skipped. */
  onHead(head: ResponseHead): void;
  /** A piece of the body. It is a view of what was fed and not a copy. */
  onBody(chunk: Buffer): void;
  onEnd(trailers: ResponseHeaders | undefined): void;
}

type State = 'head' | 'sized' | 'size-line' | 'chunk' | 'chunk-end' | 'trailers' | 'until-close' | 'done';

const END_OF_HEAD = Buffer.from('\r\n\r\n');
const LINE_FEED = 0x0a;
const MAX_HEAD_BYTES = 32 * 1024;
const MAX_LINE_BYTES = 4 * 1024;
const MAX_INTERIM = 32;
/** Beyond this, sums of byte counts would no longer be exact. */
const LENGTH = /^\d{1,15}$/;

// Exactly what RFC 9112 allows: CRLF ends lines, names are tokens, values hold no control character but tab, nothing is
// folded. A parser that is lenient here sees other headers, or other ends of bodies, than the next one does.
const STATUS_LINE = /HTTP\/1\.([01]) ([1-9]\d\d)(?: ([\t\x20-\x7e\x80-\xff]*))?\r\n/y;
const FIELD_LINE = /([!#$%&'*+\-.^_`|~0-9A-Za-z]+):([\t\x20-\x7e\x80-\xff]*)\r\n/y;
const CHUNK_SIZE = /^([0-9A-Fa-f]{1,12})[\t ]*(?:;[\t\x20-\x7e\x80-\xff]*)?$/;
const FIRST_BYTES = 'HTTP/1.';

/**
 * Reads the response to one request after the other from pieces of any size. It is strict, and throws a `ForwardError`
 * (`bad-response`) on everything that two programs could read differently.
 */
export class ResponseParser {
  readonly #handler: ResponseHandler;
  #state: State = 'done';
  #method = 'GET';
  #upgrade = false;
  /** A head, or a line of a chunked body, of which the end has not come yet. */
  #pending = '';
  #remaining = 0;
  #interim = 0;
  #trailers: ResponseHeaders | undefined;
  #trailerBytes = 0;
  #persistent = false;

  constructor(handler: ResponseHandler) {
    this.#handler = handler;
  }

  /** The response has been read to its end, or none is expected. */
  get isDone(): boolean {
    return this.#state === 'done';
  }

  /** After a response: whether the connection may carry another request. */
  get isPersistent(): boolean {
    return this.#persistent;
  }

  /** Expects the response to a request. With `upgrade` a 101 is an answer too, and ends the parser's part. */
  begin(method: string, upgrade = false): void {
    this.#state = 'head';
    this.#method = method;
    this.#upgrade = upgrade;
    this.#pending = '';
    this.#interim = 0;
    this.#trailers = undefined;
    this.#trailerBytes = 0;
    this.#persistent = false;
  }

  /** Gives up the present response; what else is fed is not read. */
  abandon(): void {
    this.#state = 'done';
    this.#persistent = false;
  }

  /** Takes the next piece; returns how much of it belongs to the response, which is less only if that has ended. */
  feed(chunk: Buffer): number {
    let offset = 0;
    while (offset < chunk.length && this.#state !== 'done') offset = this.#step(chunk, offset);
    return offset;
  }

  /** The connection was ended in good order; false if the response is not complete by that. */
  finish(): boolean {
    if (this.#state === 'until-close') this.#end();
    return this.#state === 'done';
  }

  #step(chunk: Buffer, offset: number): number {
    switch (this.#state) {
      case 'head':
        return this.#readHead(chunk, offset);
      case 'sized':
      case 'chunk':
        return this.#readSized(chunk, offset);
      case 'until-close':
        this.#handler.onBody(offset === 0 ? chunk : chunk.subarray(offset));
        return chunk.length;
      default:
        return this.#readLine(chunk, offset);
    }
  }

  #readHead(chunk: Buffer, offset: number): number {
    const before = this.#pending.length;
    if (before === 0) {
      const end = chunk.indexOf(END_OF_HEAD, offset);
      if (end >= 0) {
        this.#takeHead(chunk.toString('latin1', offset, end + 2));
        return end + 4;
      }
    }
    const text = this.#pending + chunk.toString('latin1', offset);
    const end = text.indexOf('\r\n\r\n', Math.max(0, before - 3));
    if (end >= 0) {
      this.#pending = '';
      this.#takeHead(text.slice(0, end + 2));
      return offset + end + 4 - before;
    }
    if (text.length > MAX_HEAD_BYTES) throw bad('has too many headers');
    // A program that greets in another protocol and then waits would otherwise be waited for.
    if (!text.startsWith(FIRST_BYTES.slice(0, text.length))) throw bad('is not HTTP/1');
    this.#pending = text;
    return chunk.length;
  }

  #takeHead(text: string): void {
    if (text.length > MAX_HEAD_BYTES) throw bad('has too many headers');
    STATUS_LINE.lastIndex = 0;
    const match = STATUS_LINE.exec(text);
    if (match === null) throw bad('has no valid status line');
    const status = Number(match[2]);
    const headers: ResponseHeaders = {};
    readFields(text, STATUS_LINE.lastIndex, headers);
    if (status < 200 && status !== 101) {
      this.#interim += 1;
      if (this.#interim > MAX_INTERIM) throw bad('is announced again and again');
      return;
    }
    if (status === 101 && !this.#upgrade) throw bad('changes the protocol unasked');
    this.#frame(status, match[1] === '1', headers);
    const empty = this.#state === 'done';
    this.#handler.onHead({ status, text: match[3] ?? '', headers });
    if (empty) this.#handler.onEnd(undefined);
  }

  /** How the body ends: RFC 9112 section 6.3. */
  #frame(status: number, isVersion11: boolean, headers: ResponseHeaders): void {
    const isChunked = checkCoding(headers);
    const length = lengthOf(headers);
    this.#persistent = isPersistent(isVersion11, headers.connection);
    this.#remaining = length ?? 0;
    if (status === 101 || status === 204 || status === 304 || this.#method === 'HEAD' || length === 0) {
      this.#state = 'done';
    } else if (isChunked) {
      this.#state = 'size-line';
    } else if (length === undefined) {
      this.#state = 'until-close';
      this.#persistent = false;
    } else {
      this.#state = 'sized';
    }
  }

  #readSized(chunk: Buffer, offset: number): number {
    const end = Math.min(chunk.length, offset + this.#remaining);
    const state = this.#state;
    this.#remaining -= end - offset;
    this.#handler.onBody(offset === 0 && end === chunk.length ? chunk : chunk.subarray(offset, end));
    if (this.#remaining === 0 && this.#state === state) {
      if (state === 'chunk') this.#state = 'chunk-end';
      else this.#end();
    }
    return end;
  }

  #readLine(chunk: Buffer, offset: number): number {
    const end = chunk.indexOf(LINE_FEED, offset);
    const line = this.#pending + chunk.toString('latin1', offset, end < 0 ? chunk.length : end + 1);
    if (line.length > MAX_LINE_BYTES) throw bad('has a chunk with too long a line');
    this.#pending = end < 0 ? line : '';
    if (end < 0) return chunk.length;
    if (!line.endsWith('\r\n')) throw bad('has a chunk with a broken line');
    this.#takeLine(line);
    return end + 1;
  }

  #takeLine(line: string): void {
    const isEmpty = line.length === 2;
    if (this.#state === 'chunk-end') {
      if (!isEmpty) throw bad('has a chunk that is longer than it says');
      this.#state = 'size-line';
    } else if (this.#state === 'size-line') {
      const match = CHUNK_SIZE.exec(line.slice(0, -2));
      if (match === null) throw bad('has a chunk without a valid size');
      this.#remaining = Number.parseInt(match[1] ?? '', 16);
      this.#state = this.#remaining === 0 ? 'trailers' : 'chunk';
    } else if (isEmpty) {
      this.#end();
    } else {
      this.#trailerBytes += line.length;
      if (this.#trailerBytes > MAX_HEAD_BYTES) throw bad('has too many trailers');
      this.#trailers ??= {};
      readFields(line, 0, this.#trailers);
    }
  }

  #end(): void {
    this.#state = 'done';
    this.#handler.onEnd(this.#trailers);
  }
}

/** Whether the body comes in chunks; the only coding there is. */
function checkCoding({ 'transfer-encoding': coding, 'content-length': length }: ResponseHeaders): boolean {
  if (coding === undefined) return false;
  if (String(coding).toLowerCase() !== 'chunked' || length !== undefined) throw bad('has an ambiguous length');
  return true;
}

function lengthOf({ 'content-length': length }: ResponseHeaders): number | undefined {
  if (length === undefined) return undefined;
  if (typeof length !== 'string' || !LENGTH.test(length)) throw bad('has no valid length');
  return Number(length);
}

function isPersistent(isVersion11: boolean, connection: string | string[] | undefined): boolean {
  const options = connection === undefined ? '' : String(connection).toLowerCase();
  return isVersion11 ? !options.includes('close') : options.includes('keep-alive');
}

function readFields(text: string, from: number, into: ResponseHeaders): void {
  FIELD_LINE.lastIndex = from;
  for (let end = from; end < text.length; end = FIELD_LINE.lastIndex) {
    const match = FIELD_LINE.exec(text);
    if (match === null) throw bad('has a header that is not valid');
    addField(into, (match[1] ?? '').toLowerCase(), trim(match[2] ?? ''));
  }
}

function addField(headers: ResponseHeaders, name: string, value: string): void {
  // An object takes this name for its prototype.
  if (name === '__proto__') return;
  const known: unknown = headers[name];
  if (typeof known === 'string') headers[name] = [known, value];
  else if (Array.isArray(known)) known.push(value);
  else headers[name] = value;
}

/** `String.trim` would also take away bytes that are text in latin1. */
function trim(value: string): string {
  let start = 0;
  let end = value.length;
  while (start < end && isBlank(value.charCodeAt(start))) start += 1;
  while (end > start && isBlank(value.charCodeAt(end - 1))) end -= 1;
  return value.slice(start, end);
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

function bad(what: string): ForwardError {
  return new ForwardError('bad-response', `The target's answer ${what}.`);
}
