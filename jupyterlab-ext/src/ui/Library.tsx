import { Button, ImageLibrary, type ImageActions } from '@davit/ui';
import type { Image } from '@davit/contract';
import { useMemo, type ReactElement } from 'react';
import { CommandIDs } from '../commandIds.ts';
import type { Host } from '../host.ts';
import type { IImagesModel } from '../tokens.ts';
import { sharedTexts, useModel, useNow } from './frame.tsx';

const EVERY_MS = 10_000;

export interface LibraryProps {
  host: Host;
  images: IImagesModel;
  compact?: boolean;
}

/** The library with its actions as commands; the same in the panel and in a tab of its own. */
export function Library({ host, images, compact }: LibraryProps): ReactElement {
  const { commands, trans } = host;
  useModel(images, EVERY_MS);
  const now = useNow(60_000);
  const actions = useMemo(() => imageActions(commands), [commands]);
  return (
    <ImageLibrary
      texts={sharedTexts(host).images}
      locale={host.locale}
      now={now}
      images={images.images}
      jobs={images.jobs}
      compact={compact}
      failure={images.failure}
      actions={actions}
      onCancelJob={(job) => void commands.execute(CommandIDs.cancelSave, { job: job.id })}
      onShowLog={(job) => void commands.execute(CommandIDs.showLog, { job: job.id })}
      start={
        <Button variant="primary" onPress={() => void commands.execute(CommandIDs.save)}>
          {trans.__('Save as image')}
        </Button>
      }
    />
  );
}

function imageActions(commands: Host['commands']): ImageActions {
  const run =
    (command: string) =>
    ({ id }: Image): void => {
      void commands.execute(command, { image: id });
    };
  return {
    copyName: run(CommandIDs.copyImageName),
    describe: run(CommandIDs.describeImage),
    publish: run(CommandIDs.publishImage),
    unpublish: run(CommandIDs.unpublishImage),
    share: run(CommandIDs.shareImage),
    remove: run(CommandIDs.deleteImage),
  };
}
