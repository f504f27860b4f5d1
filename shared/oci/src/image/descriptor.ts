import { createHash } from 'node:crypto';

/** The first part of the media types of OCI images. */
export const OCI = 'application/vnd.oci.image';

/** Content by its digest (OCI Image Specification, descriptor). */
export interface Descriptor {
  mediaType: string;
  digest: string;
  /** Bytes. */
  size: number;
}

/** The descriptor of a text. */
export function described(mediaType: string, text: string): Descriptor {
  return { mediaType, digest: digestOf(text), size: Buffer.byteLength(text) };
}

/** `sha256:…` of a text. */
export function digestOf(text: string): string {
  return `sha256:${createHash('sha256').update(text).digest('hex')}`;
}
