import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { AnyRoute } from '@davit/contract';
import type { Response } from 'express';

/** A text of any length as a file to keep. It is made while it is sent, so that no more than a piece is in memory. */
export class TextAnswer {
  readonly #name: string;
  readonly #text: AsyncIterable<string>;

  /** `name` in plain ASCII without quotes; what fails in the text after its first piece cuts the answer off. */
  constructor({ name, text }: { name: string; text: AsyncIterable<string> }) {
    this.#name = name;
    this.#text = text;
  }

  /** Resolves when all is sent, or when the reader has gone. */
  async send(res: Response, { status, mediaType }: Pick<AnyRoute, 'status' | 'mediaType'>): Promise<void> {
    res.status(status);
    res.set('content-type', `${mediaType}; charset=utf-8`);
    res.set('content-disposition', `attachment; filename="${this.#name}"`);
    res.set('x-content-type-options', 'nosniff');
    try {
      await pipeline(Readable.from(this.#text), res);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
    }
  }
}
