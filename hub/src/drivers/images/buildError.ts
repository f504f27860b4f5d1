import type { CommandResult } from './engineCli.ts';

const SHOWN_LINES = 6;

/** What the log of a failed build says about the cause, and what a person can do about it. */
const HINTS: { pattern: RegExp; advice: string }[] = [
  {
    pattern: /no space left on device/i,
    advice: 'The disk is full: free some space, for example by deleting images that are not used, and start again.',
  },
  {
    pattern: /buildx component is missing|--mount option requires BuildKit|unknown flag: --secret/i,
    advice: "Docker's build component is missing: install docker-buildx (or docker-buildx-plugin) and start again.",
  },
  {
    pattern: /certificate verify failed|self-signed certificate|unable to get local issuer/i,
    advice:
      'A certificate was refused: add the certificate authority of your network to the trusted ones of this machine ' +
      '(update-ca-certificates), or set SSL_CERT_FILE, and start again.',
  },
  {
    pattern:
      /could not resolve|temporary failure (in name )?resol|no such host|failed to fetch|network is unreachable|EAI_AGAIN|ENOTFOUND|connection (timed out|refused|reset)|ETIMEDOUT|Max retries exceeded/i,
    advice:
      'A package mirror could not be reached: check the network, and the mirror and proxy settings of apt, pip and npm ' +
      'on this machine, which builds use too; then start again.',
  },
  {
    pattern: /\bkilled\b|exit (code|status):? 137|out of memory/i,
    advice: 'The machine ran out of memory: stop what needs much and start again.',
  },
];
const DEFAULT_ADVICE = 'Start again to try once more; `npm run images` shows the whole log of a build.';

/** A build that failed. The message says what happened, shows the last lines and what to do; `log` has more lines. */
export class ImageBuildError extends Error {
  readonly log: string[];

  constructor(message: string, log: string[]) {
    super(message);
    this.name = 'ImageBuildError';
    this.log = log;
  }

  /** The error for a command that ended with a code other than 0; `what` is a sentence without its full stop. */
  static of(what: string, { code, tail }: CommandResult): ImageBuildError {
    const lines = tail.filter((line) => line.trim() !== '');
    const advice = HINTS.find(({ pattern }) => lines.some((line) => pattern.test(line)))?.advice ?? DEFAULT_ADVICE;
    const last = lines.slice(-SHOWN_LINES).map((line) => `  ${line.slice(0, 300)}`);
    return new ImageBuildError(`${what} (exit code ${code}). ${advice}\nThe log ends with:\n${last.join('\n')}`, tail);
  }
}
