import * as vscode from 'vscode';
import type { Losses } from '../release/losses.ts';

/** What is unsaved and what runs in this window now. */
export function currentLosses(): Losses {
  const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs);
  const documents = [...vscode.workspace.textDocuments, ...vscode.workspace.notebookDocuments];
  const dirty = [
    ...documents.filter((document) => document.isDirty).map(nameOf),
    // Tabs know of editors of other kinds too, and of files that were restored and not looked at yet.
    ...tabs.filter((tab) => tab.isDirty).map(tabName),
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

function tabName({ input, label }: vscode.Tab): string {
  if (input instanceof vscode.TabInputTextDiff) return nameOf({ uri: input.modified });
  const { TabInputText, TabInputNotebook, TabInputCustom } = vscode;
  const isFile = input instanceof TabInputText || input instanceof TabInputNotebook || input instanceof TabInputCustom;
  return isFile ? nameOf(input) : label;
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
