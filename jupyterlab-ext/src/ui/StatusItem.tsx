import { formatBytes, formatDuration, releaseParts } from '@davit/ui';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { ReactElement } from 'react';
import { CommandIDs } from '../commandIds.ts';
import type { Host } from '../host.ts';
import type { IServerModel } from '../tokens.ts';
import { Frame, sharedTexts, timeUnits, useModel, useNow } from './frame.tsx';

/** The status bar is always seen, so it asks more seldom than an open panel. */
const EVERY_MS = 15_000;

/** Memory, GPU and time left, in one line that opens the panel. */
export function StatusItem({ host }: { host: Host }): ReactElement {
  return <Frame host={host}>{host.server !== undefined && <Item host={host} model={host.server} />}</Frame>;
}

function Item({ host, model }: { host: Host; model: IServerModel }): ReactElement | undefined {
  const { trans, commands } = host;
  useModel(model, EVERY_MS);
  const now = useNow(15_000);
  const words = statusWords(model, now, trans);
  if (words.length === 0) return undefined;
  const release = model.server?.release;
  return (
    <button
      type="button"
      className="jp-davit-status"
      title={
        release == null
          ? undefined
          : releaseParts(release, now, sharedTexts(host).release, timeUnits(trans)).join(' · ')
      }
      onClick={() => void commands.execute(CommandIDs.showPanel)}
    >
      {words.join(' · ')}
    </button>
  );
}

/** `2.1 GiB`, `GPU 40 %`, `1 h 50 min left`, as far as each is known. */
function statusWords({ server, metrics }: IServerModel, now: number, trans: TranslationBundle): string[] {
  const sample = metrics?.samples.at(-1);
  const words: string[] = [];
  if (sample?.memoryBytes != null) words.push(formatBytes(sample.memoryBytes));
  if (sample?.gpu != null) words.push(trans.__('GPU %1 %', Math.round(100 * sample.gpu)));
  const releaseAt = server?.release?.releaseAt;
  if (releaseAt != null) {
    words.push(trans.__('%1 left', formatDuration(Date.parse(releaseAt) - now, timeUnits(trans))));
  } else if (server?.release != null) words.push(trans.__('kept'));
  return words;
}
