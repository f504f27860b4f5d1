import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import { disposeAll, type Disposable } from '../base/signal.ts';
import { pageHtml } from '../webview/html.ts';
import { parseFromPage, type FromPage, type PageName, type PageStates, type ToPage } from '../webview/messages.ts';

export interface PageOptions<P extends PageName> {
  name: P;
  title: string;
  locale: string;
  /** Where the extension is installed. */
  root: vscode.Uri;
  onMessage: (message: FromPage, page: Page<P>) => void;
  /** What lives as long as the page. */
  during: Disposable[];
}

/** One page in the editor area; at most one of each name. */
export interface Page<P extends PageName> {
  show(state: PageStates[P]): void;
  reveal(): void;
  close(): void;
  closed: Promise<unknown>;
}

/** Opens a page with nothing but our own script in it. */
export function openPage<P extends PageName>(options: PageOptions<P>): Page<P> {
  const { name, title, locale, root, onMessage, during } = options;
  const assets = vscode.Uri.joinPath(root, 'dist', 'page');
  const panel = vscode.window.createWebviewPanel(`davit.${name}`, title, vscode.ViewColumn.Active, {
    enableScripts: true,
    enableCommandUris: false,
    localResourceRoots: [assets],
    // What was typed into the form must survive a look at another tab.
    retainContextWhenHidden: true,
  });
  const { webview } = panel;
  const asset = (file: string) => webview.asWebviewUri(vscode.Uri.joinPath(assets, file)).toString();
  // A tab's icon is an image, which does not take the theme's colour.
  const icon = (theme: string) => vscode.Uri.joinPath(root, 'media', `davit-${theme}.svg`);
  panel.iconPath = { light: icon('light'), dark: icon('dark') };
  const { promise: closed, resolve } = Promise.withResolvers<undefined>();
  const page: Page<P> = {
    show: (state) => {
      const message: ToPage<P> = { type: 'state', state };
      void webview.postMessage(message);
    },
    reveal: () => {
      panel.reveal();
    },
    close: () => {
      panel.dispose();
    },
    closed,
  };
  webview.onDidReceiveMessage((raw: unknown) => {
    const message = parseFromPage(raw);
    if (message !== undefined) onMessage(message, page);
  });
  panel.onDidDispose(() => {
    disposeAll(during);
    resolve(undefined);
  });
  webview.html = pageHtml({
    page: name,
    title,
    locale,
    script: asset('page.js'),
    style: asset('page.css'),
    cspSource: webview.cspSource,
    nonce: randomBytes(16).toString('base64'),
  });
  return page;
}
