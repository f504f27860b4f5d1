import { stringifySetCookie } from 'cookie';

/** Browsers keep a cookie at most this long (RFC 6265bis, 5.5); when a session ends is decided by its row. */
const MAX_AGE_SECONDS = 400 * 86_400;

/** So many values of one name are looked at: a browser sends one, more come from somebody who tries things. */
const MAX_CANDIDATES = 3;

/** The cookie that carries a session. Two hubs on one host have different ones, as browsers do not tell ports apart. */
export class SessionCookie {
  readonly name: string;
  readonly #secure: boolean;

  /** `insecureHttp`: browsers would drop a Secure or `__Host-` cookie on plain http to a public name. */
  constructor(instanceId: string, insecureHttp: boolean) {
    this.#secure = !insecureHttp;
    this.name = `${insecureHttp ? '' : '__Host-'}davit-${instanceId}`;
  }

  /** The value of Set-Cookie that signs in. */
  set(secret: string): string {
    return this.#stringify(secret, MAX_AGE_SECONDS);
  }

  /** The value of Set-Cookie that makes the browser forget. */
  clear(): string {
    return this.#stringify('', 0);
  }

  /** The possible secrets in a Cookie header, in its order; anything that is no secret of ours is passed over. */
  read(header: string | string[] | undefined): string[] {
    if (header === undefined) return [];
    const text = typeof header === 'string' ? header : header.join(';');
    if (!text.includes(this.name)) return [];
    const values = text.split(';').flatMap((pair) => {
      const equals = pair.indexOf('=');
      return equals !== -1 && pair.slice(0, equals).trim() === this.name ? [pair.slice(equals + 1).trim()] : [];
    });
    return [...new Set(values)].filter((value) => /^[A-Za-z0-9_-]{43}$/.test(value)).slice(0, MAX_CANDIDATES);
  }

  #stringify(value: string, maxAge: number): string {
    return stringifySetCookie(this.name, value, {
      httpOnly: true,
      sameSite: 'lax',
      path: '/',
      secure: this.#secure,
      maxAge,
    });
  }
}
