import type { JupyterFrontEnd } from '@jupyterlab/application';
import { nullTranslator, type ITranslator } from '@jupyterlab/translation';
import { DOMAIN, type Host } from '../host.ts';
import type { IHub, IImagesModel, IServerModel, IUsageModel } from '../tokens.ts';

/** Models that a plugin was given; JupyterLab gives null for one that is switched off. */
export interface Models {
  server?: IServerModel | null;
  images?: IImagesModel | null;
  usage?: IUsageModel | null;
}

/** What the views of a plugin work with. */
export function hostOf(app: JupyterFrontEnd, hub: IHub, translator: ITranslator | null, models: Models = {}): Host {
  const words = translator ?? nullTranslator;
  const trans = words.load(DOMAIN);
  return {
    commands: app.commands,
    trans,
    locale: words.languageCode,
    hubText: (text) => hub.hubText(text),
    hub,
    server: models.server ?? undefined,
    images: models.images ?? undefined,
    usage: models.usage ?? undefined,
  };
}
