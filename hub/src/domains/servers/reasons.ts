import type { Editor, Reason, ReasonCode, ReleasePolicy } from '@davit/contract';
import type { BuildProgress } from '../images/index.ts';

type Params = Reason['params'];

/** A reason with the English sentence and what a translation needs to fill in. */
export function reason(code: ReasonCode, message: string, params: Params = {}): Reason {
  return { code, message, params };
}

const EDITOR_TITLES: Record<Editor, string> = {
  jupyterlab: 'JupyterLab',
  'code-server': 'VS Code',
  desktop: 'the desktop',
};

/** Editors as a person calls them: `JupyterLab and VS Code`. */
export function editorTitles(editors: readonly Editor[]): string {
  return editors.map((editor) => EDITOR_TITLES[editor]).join(' and ') || 'the server';
}

/** Memory or disk space as people read it: `1.5 GiB`, below one GiB in MiB. */
export function memoryText(memoryMb: number): string {
  return memoryMb < 1024 ? `${memoryMb} MiB` : `${decimal(memoryMb / 1024)} GiB`;
}

/** At most one decimal, no trailing zero. */
export function decimal(value: number): string {
  return String(Math.round(value * 10) / 10);
}

/** 1st, 2nd, 3rd, 4th, 11th, 21st. */
export function ordinal(n: number): string {
  const teen = n % 100 >= 11 && n % 100 <= 13;
  const suffix = teen ? undefined : ['st', 'nd', 'rd'][(n % 10) - 1];
  return `${n}${suffix ?? 'th'}`;
}

/** How the build of an image goes; percent only where the builder counts steps. */
export function buildingImage(progress: BuildProgress): { reason: Reason; progress: number | null } {
  const { image, step, steps } = progress;
  if (steps <= 0)
    return { reason: reason('building-image', `Preparing the image ${image}`, { image }), progress: null };
  const message = `Building the image ${image}: step ${step} of ${steps}`;
  const percent = Math.min(100, Math.round(((step - 1) / steps) * 100));
  return { reason: reason('building-image', message, { image, step, steps }), progress: Math.max(0, percent) };
}

/** `earlier` is what the engine said when it failed before. */
export function creatingContainer(earlier?: string): Reason {
  if (earlier === undefined) return reason('creating-container', 'Creating the container');
  return reason('creating-container', `Creating the container again. The engine failed before: ${earlier}`, {
    earlier,
  });
}

/** The container runs, and its editors do not answer yet. */
export function startingEditor(editors: readonly Editor[]): Reason {
  const editor = editorTitles(editors);
  return reason('starting-editor', `Starting ${editor}`, { editor });
}

/** Nothing is known, because the engine does not answer. */
export function engineUnreachable(): Reason {
  return reason(
    'engine-unreachable',
    'The container engine does not answer. Nothing was stopped; this ends by itself when it answers again.',
  );
}

/** The container runs, and its agent does not answer. */
export function agentSilent(): Reason {
  return reason(
    'agent-silent',
    'The server does not answer. It may be busy; it was not stopped. If this stays, look at its logs or reset it.',
  );
}

/** There is no image to start from; `message` says why. */
export function imageFailed(message: string): Reason {
  return reason('image-failed', `${message} Start the server again to try once more.`, { message });
}

/** The engine made no container; `message` says why. */
export function engineRefused(message: string): Reason {
  return reason('engine-refused', `The container engine could not start the server: ${message}`, { message });
}

/** The container went, and the hub did not do it. */
export function lost(): Reason {
  return reason(
    'lost',
    'The container is gone: somebody or something removed it. Start the server again; /data is kept.',
  );
}

/** No editor answered for so long that the start was given up. */
export function tooSlow(editors: readonly Editor[], minutes: number): Reason {
  const editor = editorTitles(editors);
  return reason(
    'too-slow',
    `After ${minutes} minutes ${editor} still did not answer. Look at the logs, or start it again with more CPU or memory.`,
    { editor, minutes },
  );
}

/** The editor ended again and again; `said` is its last message. */
export function editorFailed(editors: readonly Editor[], restarts: number, said: string | undefined): Reason {
  const editor = editorTitles(editors);
  const because = said === undefined || said === '' ? '' : `: ${said}`;
  return reason('editor-failed', `${upperFirst(editor)} ended ${restarts} times${because}. Look at the logs.`, {
    editor,
    restarts,
    ...(said === undefined ? {} : { said }),
  });
}

/** The container's end was for lack of memory. */
export function outOfMemory(memoryMb: number): Reason {
  return reason(
    'out-of-memory',
    `The server ran out of memory (limit ${memoryText(memoryMb)}). Start it with more memory, or let it use less at once.`,
    { memoryMb },
  );
}

/** Programs were killed in a server that goes on; `kills` since its start. */
export function programOutOfMemory(memoryMb: number, kills: number): Reason {
  const what =
    kills === 1 ? 'A program, such as a notebook’s kernel, was' : `${kills} programs, such as notebooks’ kernels, were`;
  return reason(
    'out-of-memory',
    `${what} stopped because the ${memoryText(memoryMb)} of this server were used up. Save your work; then use less at once, or a server with more memory.`,
    { memoryMb, kills },
  );
}

/** The server goes on; `percent` of the limit is written. */
export function diskNearlyFull(percent: number, limitMb: number): Reason {
  return reason(
    'disk-limit',
    `This server has written ${percent} % of the ${memoryText(limitMb)} that it may outside of /data, and is stopped above that. Move large files to ~/work, or delete some.`,
    { percent, limitMb },
  );
}

/** The server was ended for what it wrote. */
export function diskLimit(limitMb: number): Reason {
  return reason(
    'disk-limit',
    `The server was stopped: it had written more than the ${memoryText(limitMb)} that it may outside of /data. Start it again; it begins afresh, /data is kept. Keep large files in ~/work.`,
    { limitMb },
  );
}

/** What an exit code means; signals are 128 + their number, as shells and engines count them. */
export function exited(exitCode: number | undefined): Reason {
  if (exitCode === undefined) return reason('exited', 'The server ended by itself. Start it again; /data is kept.');
  const meaning = EXIT_MEANINGS[exitCode] ?? (exitCode > 128 ? `signal ${exitCode - 128}` : undefined);
  const code = meaning === undefined ? `exit code ${exitCode}` : `exit code ${exitCode}: ${meaning}`;
  return reason(
    'exited',
    `The server ended by itself (${code}). Look at the logs, then start it again; /data is kept.`,
    {
      exitCode,
    },
  );
}

const EXIT_MEANINGS: Record<number, string> = {
  0: 'its first process was told to end, or the machine was restarted',
  125: 'the container engine failed',
  126: 'its first program could not be run',
  127: 'its first program was not found in the image',
  134: 'its first process aborted',
  137: 'it was killed',
  139: 'its first process crashed',
  143: 'it was told to end',
};

/** A server that was released by its policy, after nobody had used it for so long. */
export function released(policy: ReleasePolicy): Reason {
  const count = Number.parseInt(policy, 10);
  // `automatic` counts minutes after the last page was closed.
  if (Number.isNaN(count))
    return reason('released', 'Released after 5 minutes without you. /data is kept.', { policy });
  const isDays = policy.endsWith('d');
  const span = isDays ? `${count} days` : `${count} h`;
  const hours = isDays ? count * 24 : count;
  return reason('released', `Released after ${span} without you. /data is kept.`, { policy, hours });
}

function upperFirst(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
