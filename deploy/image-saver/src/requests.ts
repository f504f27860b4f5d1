import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { SAVER_ISSUER, SAVER_REQUEST_SECONDS, saverAudience, saverRequestSchema, type SaverRequest } from '@davit/oci';
import { jwtVerify } from 'jose';

/** A request that is not the hub's, is not for this node, is too old or was made before. */
export class NotAllowed extends Error {}

/** Clocks of two machines differ by so much at most, in seconds. */
const SKEW_SECONDS = 30;

interface RequestCheckerOptions {
  node: string;
  certFile: string;
  now: () => Date;
}

/** Lets through what the hub signed for this node, each once. */
export class RequestChecker {
  readonly #options: RequestCheckerOptions;
  readonly #startedAt: number;
  /** Ids of requests that were answered, with when they end, in seconds. */
  readonly #used = new Map<string, number>();

  constructor(options: RequestCheckerOptions) {
    this.#options = options;
    this.#startedAt = seconds(options.now());
  }

  /** What a signed token asks for. Rejects with NotAllowed. */
  async check(token: string): Promise<SaverRequest> {
    const { node, certFile, now } = this.#options;
    const { publicKey } = new X509Certificate(await readFile(certFile));
    const { payload } = await jwtVerify(token, publicKey, {
      // Never what the token itself names: a text that is signed by nobody, or by the public key as a password.
      algorithms: ['RS256', 'ES256'],
      issuer: SAVER_ISSUER,
      audience: saverAudience(node),
      requiredClaims: ['exp', 'iat', 'jti', 'davit'],
      maxTokenAge: SAVER_REQUEST_SECONDS,
      clockTolerance: SKEW_SECONDS,
      currentDate: now(),
    }).catch((error: unknown) => {
      throw new NotAllowed('This is no request of the hub to this node.', { cause: error });
    });
    const { jti = '', iat = 0, exp = 0, davit } = payload;
    if (exp - iat > SAVER_REQUEST_SECONDS) throw new NotAllowed('The request is good for too long.');
    this.#useOnce(jti, iat, exp);
    const request = saverRequestSchema.safeParse(davit);
    if (!request.success) throw new NotAllowed('The request is of another version of Davit, or faulty.');
    return request.data;
  }

  #useOnce(id: string, madeAt: number, end: number): void {
    const now = seconds(this.#options.now());
    for (const [known, until] of this.#used) if (until + SKEW_SECONDS < now) this.#used.delete(known);
    // What was answered before the start is not known any more.
    if (madeAt < this.#startedAt) throw new NotAllowed('The image saver was started meanwhile.');
    if (id === '' || this.#used.has(id)) throw new NotAllowed('The request was answered before.');
    this.#used.set(id, end);
  }
}

function seconds(date: Date): number {
  return Math.floor(date.getTime() / 1000);
}
