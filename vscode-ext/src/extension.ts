import { getServerApiInfo, reportInput, type ApiClient } from '@davit/contract';
import * as vscode from 'vscode';
import { InputReporter } from './activity/inputReporter.ts';
import { systemClock as clock } from './base/clock.ts';
import { disposeAll, type Disposable } from './base/signal.ts';
import type { CommandContext } from './commands/context.ts';
import { COMMANDS, runCommand } from './commands/registry.ts';
import { warnOfRelease } from './commands/serverCommands.ts';
import { editorDesk as desk } from './host/desk.ts';
import { isWindowActive, watchInput } from './host/inputEvents.ts';
import { Pages } from './host/pages.ts';
import { Saves } from './host/saves.ts';
import { showStatus } from './host/statusBar.ts';
import { showTree } from './host/trees.ts';
import { hubAddress } from './hub/address.ts';
import { createCall } from './hub/call.ts';
import { Hub } from './hub/hub.ts';
import { connectLive } from './hub/live.ts';
import { createModel } from './hub/model.ts';
import { languageOf } from './i18n/language.ts';
import { ReleaseWarning } from './release/warning.ts';
import type { Row } from './rows/row.ts';
import { viewSources } from './rows/sources.ts';

/** How often the server's state is asked for besides its events, so that a missed one cannot hide a coming release. */
const SERVER_MS = 120_000;
/** As often saves are looked for, so that their end is said in each window. */
const JOBS_MS = 300_000;

/** Wires the parts; everything started here ends with the window. */
export function activate({ subscriptions, extensionUri }: vscode.ExtensionContext): void {
  const address = hubAddress(process.env);
  const language = languageOf(vscode.env.language);
  const words = language.texts.hubText;
  const call: ApiClient =
    address === undefined ? () => Promise.reject(new TypeError('no hub')) : createCall(address, { words });
  const hub = new Hub({
    ...(address !== undefined && {
      connect: { ask: () => call(getServerApiInfo, {}), live: () => connectLive(address) },
    }),
    clock,
  });
  const model = createModel(hub, call, clock);
  const pages = new Pages(extensionUri, () => context);
  const saves = new Saves(() => context);
  const panels: CommandContext['panels'] = {
    showSave: () => pages.showSave(),
    showUsage: () => pages.showUsage(),
    showLog: (job) => saves.showLog(job),
    followSave: (job) => saves.follow(job),
  };
  const context: CommandContext = { hub, model, call, desk, panels, language };

  subscriptions.push(hub, model, pages, saves);
  for (const [id, command] of Object.entries(COMMANDS)) {
    subscriptions.push(vscode.commands.registerCommand(id, (row?: Row) => runCommand(command, context, row)));
  }
  for (const [id, source] of Object.entries(viewSources({ hub, model, clock, language }))) {
    subscriptions.push(showTree(id, source));
  }
  saves.start();
  subscriptions.push(
    showStatus({ hub, model, clock, language }),
    model.server.watch(SERVER_MS),
    model.jobs.watch(JOBS_MS),
    warnings(context),
    inputReports(context),
    hub.stateChanged.on(({ phase }) => void vscode.commands.executeCommand('setContext', 'davit.state', phase)),
  );
  void hub.connect();
}

function warnings(context: CommandContext): Disposable {
  const { model } = context;
  const warning = new ReleaseWarning(clock, (state) => void warnOfRelease(context, state));
  const update = model.server.changed.on(() => warning.update(model.server.value?.release ?? null));
  return { dispose: () => disposeAll([warning, update]) };
}

function inputReports({ hub, call }: CommandContext): Disposable {
  const report = async (): Promise<void> => {
    if (hub.state.phase === 'connected') await call(reportInput, { params: { id: hub.state.info.server.id } });
  };
  const reporter = new InputReporter({ clock, report, isActive: isWindowActive });
  const events = watchInput(() => reporter.input());
  return { dispose: () => disposeAll([reporter, events]) };
}
