import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { TranslationBundle } from '@jupyterlab/translation';

import type { IHub, IImagesModel, IServerModel, IUsageModel } from './tokens.ts';

/** What every view of the extension works with; a model is absent where its plugin is switched off. */
export interface Host {
  commands: JupyterFrontEnd['commands'];
  trans: TranslationBundle;
  /** BCP 47, as `en` or `zh-CN`. */
  locale: string;
  hub: IHub;
  server?: IServerModel;
  images?: IImagesModel;
  usage?: IUsageModel;
}

/** The domain of translations; the package's name with a low line. */
export const DOMAIN = 'jupyterlab_davit';
