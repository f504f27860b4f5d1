import { createPrivateKey, randomUUID, X509Certificate, type KeyObject } from 'node:crypto';
import { SignJWT } from 'jose';

/** Who says what about whom to whom (RFC 7519, 4.1), and what else a token carries. */
export interface Claims {
  iss: string;
  aud: string;
  sub: string;
  [claim: string]: unknown;
}

/** Signs for everybody who holds the certificate: the registry and the image savers of a cluster. */
export interface Signer {
  /** The certificate as PEM, which is public. */
  certificate: string;
  /** A JWT in compact form, valid from `now` for `ttlSeconds`, with an id of its own and the certificate in its header. */
  sign(claims: Claims, validity: { now: Date; ttlSeconds: number }): Promise<string>;
}

/**
 * The signer of a private key (RSA from 2048 bits, or EC P-256) and its self-signed certificate, both PEM. Rejects where one
 * is unreadable, of another kind, or where they do not belong together.
 */
export async function loadSigner(keyPem: string, certPem: string): Promise<Signer> {
  const [key, certificate] = [readKey(keyPem), readCertificate(certPem)];
  if (!certificate.checkPrivateKey(key))
    throw new Error('The signing key and its certificate do not belong together: make both anew, at the same time.');
  const alg = algorithmOf(key);
  // The registry finds the key by its certificate; what it trusts is only what its own configuration holds (RFC 7515, 4.1.6).
  const header = { alg, typ: 'JWT', x5c: [certificate.raw.toString('base64')] };
  const signer: Signer = {
    certificate: certificate.toString(),
    sign: (claims, { now, ttlSeconds }) => {
      const seconds = Math.floor(now.getTime() / 1000);
      return new SignJWT({ ...claims, iat: seconds, nbf: seconds, exp: seconds + ttlSeconds, jti: randomUUID() })
        .setProtectedHeader(header)
        .sign(key);
    },
  };
  await signer.sign({ iss: 'davit', aud: 'davit', sub: 'trial' }, { now: new Date(0), ttlSeconds: 1 });
  return signer;
}

function readKey(pem: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch (error) {
    throw new Error('The signing key must be a private key as PEM, without a passphrase.', { cause: error });
  }
}

function readCertificate(pem: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (error) {
    throw new Error('The certificate of the signing key must be an X.509 certificate as PEM.', { cause: error });
  }
}

function algorithmOf(key: KeyObject): 'RS256' | 'ES256' {
  const { asymmetricKeyType: kind, asymmetricKeyDetails: details } = key;
  if (kind === 'rsa' && (details?.modulusLength ?? 0) >= 2048) return 'RS256';
  if (kind === 'ec' && details?.namedCurve === 'prime256v1') return 'ES256';
  throw new Error('The signing key must be RSA with at least 2048 bits, or EC on the curve P-256.');
}
