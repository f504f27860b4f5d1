import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { TranslationBundle } from '@jupyterlab/translation';

import type { IHub, IImagesModel, IServerModel, IUsageModel } from './tokens.ts';

/** What every view of the extension works with; a model is absent where its plugin is switched off. */
export interface Host {
  commands: JupyterFrontEnd['commands'];
  trans: TranslationBundle;
  /** BCP 47, as `en` or `zh-CN`. */
  locale: string;
  /** What the hub wrote, which is English, in JupyterLab's language. */
  hubText: (text: string) => string;
  hub: IHub;
  server?: IServerModel;
  images?: IImagesModel;
  usage?: IUsageModel;
}

/** Those of our tables of words that fit JupyterLab's language; English for any other. */
export function languageOf(locale: string): 'en' | 'zh' {
  return locale.toLowerCase().startsWith('zh') ? 'zh' : 'en';
}

/** The domain of translations; the package's name with a low line. */
export const DOMAIN = 'jupyterlab_davit';
