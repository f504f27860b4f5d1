import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { IDocumentManager } from '@jupyterlab/docmanager';
import { ITranslator } from '@jupyterlab/translation';
import type { Image } from '@davit/contract';
import { CommandIDs } from '../commandIds.ts';
import { saveIcon } from '../icons.ts';
import { ImagesModel } from '../models/images.ts';
import { findOpenWork } from '../openWork.ts';
import { IHub, IImagesModel } from '../tokens.ts';
import { copyAndTell } from './copy.ts';
import { telling } from './failure.ts';
import { hostOf } from './hostOf.ts';
import { addToPalette, NO_ARGUMENTS, oneId, standsAlone } from './palette.ts';

/** Saving and the library. */
export const imagesPlugin: JupyterFrontEndPlugin<IImagesModel> = {
  id: 'jupyterlab-davit:images',
  description: 'Saves this server as an image and manages the library of images.',
  autoStart: true,
  provides: IImagesModel,
  requires: [IHub],
  optional: [ITranslator, ICommandPalette, IDocumentManager],
  activate: (
    app: JupyterFrontEnd,
    hub: IHub,
    translator: ITranslator | null,
    palette: ICommandPalette | null,
    documents: IDocumentManager | null,
  ): IImagesModel => {
    const images = new ImagesModel(hub);
    const host = hostOf(app, hub, translator, { images });
    const { trans } = host;
    const isConnected = (): boolean => hub.phase === 'connected';

    app.commands.addCommand(CommandIDs.save, {
      label: (args) => (standsAlone(args) ? trans.__('Save Server as Image…') : trans.__('Save as Image')),
      caption: trans.__('Save this server, with everything installed in it, as an image to start others from'),
      icon: (args) => (standsAlone(args) ? undefined : saveIcon),
      isEnabled: isConnected,
      describedBy: { args: NO_ARGUMENTS },
      execute: async () =>
        (await import('../ui/dialogs/save.tsx')).showSave(host, images, () => findOpenWork(app, documents)),
    });
    app.commands.addCommand(CommandIDs.cancelSave, {
      label: trans.__('Cancel Save'),
      isEnabled: isConnected,
      describedBy: { args: oneId('job', trans.__('Id of the save')) },
      execute: ({ job }) => telling(trans, () => images.cancel(job as string)),
    });
    app.commands.addCommand(CommandIDs.showLog, {
      label: trans.__('Show Log of a Save'),
      isEnabled: isConnected,
      describedBy: { args: oneId('job', trans.__('Id of the save')) },
      execute: async ({ job }) => (await import('../ui/dialogs/log.tsx')).showLog(host, images, job as string),
    });
    addImageCommands(app, images, host);
    addToPalette(palette, trans, [CommandIDs.save]);
    return images;
  },
};

/** Commands about one image. Without an id they mean the row that was right-clicked. */
function addImageCommands(app: JupyterFrontEnd, images: ImagesModel, host: ReturnType<typeof hostOf>): void {
  const { trans } = host;
  const { commands } = app;
  const imageOf = (args: { image?: unknown }): Image | undefined => {
    const id =
      typeof args.image === 'string'
        ? args.image
        : app.contextMenuHitTest((node) => node.dataset['image'] !== undefined)?.dataset['image'];
    return images.images?.find((image) => image.id === id);
  };
  const isOwn = (args: { image?: unknown }): boolean => imageOf(args)?.origin === 'own';
  const describedBy = {
    args: {
      type: 'object',
      properties: {
        image: { type: 'string', description: trans.__('Id of the image; the clicked one when left out') },
      },
      additionalProperties: false,
    },
  } as const;

  commands.addCommand(CommandIDs.copyImageName, {
    label: trans.__('Copy Name'),
    isEnabled: (args) => imageOf(args) !== undefined,
    describedBy,
    execute: async (args) => {
      const image = imageOf(args);
      if (image === undefined) return;
      const { imageTag } = await import('@davit/ui');
      await copyAndTell(imageTag(image), trans);
    },
  });
  commands.addCommand(CommandIDs.describeImage, {
    label: trans.__('Edit Description…'),
    isVisible: isOwn,
    describedBy,
    execute: async (args) => {
      const image = imageOf(args);
      if (image !== undefined) await (await import('../ui/dialogs/image.tsx')).showDescribe(host, images, image);
    },
  });
  commands.addCommand(CommandIDs.publishImage, {
    label: trans.__('Add to Library…'),
    isVisible: (args) => isOwn(args) && imageOf(args)?.visibility === 'private',
    describedBy,
    execute: async (args) => {
      const image = imageOf(args);
      if (image !== undefined) await (await import('../ui/dialogs/image.tsx')).showPublish(host, images, image);
    },
  });
  commands.addCommand(CommandIDs.unpublishImage, {
    label: trans.__('Remove from Library'),
    isVisible: (args) => isOwn(args) && imageOf(args)?.visibility === 'public',
    describedBy,
    execute: (args) => telling(trans, () => images.setPublic(imageOf(args)?.id ?? '', false)),
  });
  commands.addCommand(CommandIDs.shareImage, {
    label: trans.__('Share…'),
    isVisible: isOwn,
    describedBy,
    execute: async (args) => {
      const image = imageOf(args);
      if (image !== undefined) await (await import('../ui/dialogs/image.tsx')).showShare(host, images, image);
    },
  });
  commands.addCommand(CommandIDs.deleteImage, {
    label: trans.__('Delete Image…'),
    isVisible: isOwn,
    describedBy,
    execute: async (args) => {
      const image = imageOf(args);
      if (image !== undefined) await (await import('../ui/dialogs/image.tsx')).showDelete(host, images, image);
    },
  });
}
