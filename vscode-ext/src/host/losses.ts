import * as vscode from 'vscode';
import type { Losses } from '../release/losses.ts';

/** What is unsaved and what runs in this window now. */
export function currentLosses(): Losses {
  const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs);
  const dirty = [
    ...tabs.filter((tab) => tab.isDirty && isOfOtherKind(tab)).map((tab) => tab.label),
    ...vscode.workspace.textDocuments.filter((document) => document.isDirty).map(nameOf),
    ...vscode.workspace.notebookDocuments.filter((document) => document.isDirty).map(nameOf),
  ];
  const session = vscode.debug.activeDebugSession;
  return {
    unsaved: [...new Set(dirty)],
    terminals: vscode.window.terminals.filter(isPersons).map((terminal) => terminal.name),
    tasks: vscode.tasks.taskExecutions.map((execution) => execution.task.name),
    debugging: session === undefined ? [] : [session.name],
    notebooks: vscode.workspace.notebookDocuments.filter(runsCell).map(nameOf),
  };
}

/** Editors of other kinds show no text document or notebook: their tabs alone tell that something is unsaved. */
function isOfOtherKind({ input }: vscode.Tab): boolean {
  return input instanceof vscode.TabInputCustom || input === undefined;
}

function isPersons(terminal: vscode.Terminal): boolean {
  const hidden = 'hideFromUser' in terminal.creationOptions && terminal.creationOptions.hideFromUser === true;
  return terminal.exitStatus === undefined && !hidden;
}

function runsCell(document: vscode.NotebookDocument): boolean {
  return document.getCells().some(({ executionSummary }) => {
    const timing = executionSummary?.timing;
    return executionSummary?.success === undefined && timing?.startTime !== undefined && !timing.endTime;
  });
}

function nameOf({ uri }: { uri: vscode.Uri }): string {
  return uri.path.split('/').at(-1) ?? uri.path;
}
