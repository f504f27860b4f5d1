import * as vscode from 'vscode';
import type { Clock } from '../base/clock.ts';
import { disposeAll, type Disposable } from '../base/signal.ts';
import type { Hub } from '../hub/hub.ts';
import type { Model } from '../hub/model.ts';
import type { Language } from '../i18n/language.ts';
import { statusText, type StatusText } from '../rows/statusBar.ts';

/** How often memory and GPU are asked for while the window is in use. */
const METRICS_MS = 30_000;

interface StatusOptions {
  hub: Hub;
  model: Model;
  clock: Clock;
  language: Language;
}

/** Shows the extension's one item in the status bar; hidden while there is nothing to say. */
export function showStatus({ hub, model, clock, language }: StatusOptions): Disposable {
  const item = vscode.window.createStatusBarItem('davit.status', vscode.StatusBarAlignment.Right, 90);
  item.name = language.texts.status.name;
  item.command = 'davit.showMenu';
  const update = (): void => {
    const server = model.server.value;
    const lost = hub.state.phase === 'lost';
    if (server === undefined || !('info' in hub.state)) item.hide();
    else show(item, statusText({ server, metrics: model.metrics.value, lost }, clock.now(), language));
  };
  let watching: Disposable | undefined;
  const follow = ({ focused }: vscode.WindowState): void => {
    if (focused) watching ??= model.metrics.watch(METRICS_MS);
    else {
      watching?.dispose();
      watching = undefined;
    }
  };
  follow(vscode.window.state);
  const disposables: Disposable[] = [
    item,
    hub.stateChanged.on(update),
    model.server.changed.on(update),
    model.metrics.changed.on(update),
    vscode.window.onDidChangeWindowState(follow),
  ];
  return {
    dispose: () => {
      watching?.dispose();
      disposeAll(disposables);
    },
  };
}

function show(item: vscode.StatusBarItem, { text, tooltip, warn }: StatusText): void {
  item.text = text;
  item.tooltip = tooltip.join('\n');
  item.accessibilityInformation = { label: tooltip.join(', '), role: 'button' };
  item.backgroundColor = warn ? new vscode.ThemeColor('statusBarItem.warningBackground') : undefined;
  item.show();
}
