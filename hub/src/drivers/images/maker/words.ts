import { ImageJobFailed } from '../../../domains/images/index.ts';
import type { CommandResult } from '../engineCli.ts';

/** What `adopt.cjs` prints first: from then on the image is known to run the agent. */
const RUNS_AGENT = 'davit: this image can run the agent';
const REFUSED = /davit: refused: (.+)/;

/** Why the agent could not be added to an image, in words. */
export function adoptionFailed(result: CommandResult): ImageJobFailed {
  const text = result.tail.join('\n');
  const refused = REFUSED.exec(text)?.[1];
  if (refused !== undefined) {
    return new ImageJobFailed(
      `The image cannot be used as asked: ${refused}. Name only editors that the image has, or install the program in it.`,
    );
  }
  if (!text.includes(RUNS_AGENT)) {
    return new ImageJobFailed(
      'The image cannot run Davit’s agent. That needs the GNU C library 2.28 or newer and libstdc++, as Debian 12, Ubuntu 22.04 and Fedora have them; Alpine has another C library.',
    );
  }
  return new ImageJobFailed(`Davit’s agent could not be added to the image. ${lastLine(result)}`);
}

/** Why an engine did not take an archive in. */
export function loadFailed(result: CommandResult): ImageJobFailed {
  return new ImageJobFailed(`The container engine did not take the archive in as an image. ${lastLine(result)}`);
}

/** How a build ended; `where` tells the step. The job's log has the rest. */
export function buildFailed(result: CommandResult, where: string): ImageJobFailed {
  return new ImageJobFailed(
    `The build failed ${where}. ${lastLine(result)} The log tells more; the next build goes on after the last step that worked.`,
  );
}

function lastLine({ tail }: CommandResult): string {
  const line = tail.findLast((one) => one.trim() !== '') ?? 'It said nothing.';
  const said = line.trim().slice(0, 300);
  return `It said: ${said}${/[.!?]$/.test(said) ? '' : '.'}`;
}
