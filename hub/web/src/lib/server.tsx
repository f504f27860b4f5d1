import type { Editor, Resources, Server, ServerPhase } from '@davit/contract';
import { formatMemory, Icon, trim } from '@davit/ui';
import type { ReactElement } from 'react';
import type { Texts } from '../i18n/en.ts';
import { useTexts } from '../i18n/language.tsx';

/** `4 CPU · 16 GiB · 1 GPU`; no GPU is not worth a word. */
export function sizeText({ cpu, memoryMb, gpu }: Resources, { server }: Texts): string {
  const parts = [server.cores(trim(cpu)), formatMemory(memoryMb)];
  if (gpu > 0) parts.push(server.gpus(gpu));
  return parts.join(' · ');
}

/** Why the server is as it is, in the reader's language. */
export function whyText({ reason }: Server, { common }: Texts): string | undefined {
  return reason === null ? undefined : common.hubText(reason);
}

/** What can be done to a server in its phase. */
export function actionsOf(phase: ServerPhase): { open: boolean; start: boolean; cancel: boolean; stop: boolean } {
  return {
    open: phase === 'running',
    start: phase === 'stopped' || phase === 'failed',
    cancel: phase === 'queued' || phase === 'starting' || phase === 'awaiting-approval',
    stop: phase === 'running' || phase === 'unknown',
  };
}

/** The editors of an image or server with their drawings; none makes a command-line server. */
export function EditorNames({ editors }: { editors: readonly Editor[] }): ReactElement {
  const { server } = useTexts();
  return (
    <span className="editors">
      {editors.length === 0 && (
        <span>
          <Icon name="terminal" />
          {server.commandLine}
        </span>
      )}
      {editors.map((editor) => (
        <span key={editor}>
          <Icon name={editor} />
          {server.editors[editor]}
        </span>
      ))}
    </span>
  );
}
