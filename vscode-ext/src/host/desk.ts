import * as vscode from 'vscode';
import type { Choice, Desk } from '../commands/desk.ts';
import { currentLosses } from './losses.ts';

/** The editor as the commands see it. */
export const editorDesk: Desk = {
  inform: async (message, ...actions) => vscode.window.showInformationMessage(message, ...actions),
  warn: async (message, ...actions) => vscode.window.showWarningMessage(message, ...actions),
  fail: async (message, ...actions) => vscode.window.showErrorMessage(message, ...actions),
  ask: async (question, detail, ...actions) =>
    vscode.window.showWarningMessage(question, { modal: true, detail }, ...actions),
  choose: async <T>(title: string, choices: readonly Choice<T>[]) =>
    (await vscode.window.showQuickPick(choices, { title, matchOnDescription: true }))?.value,
  write: async (title, value, check) =>
    vscode.window.showInputBox({ title, prompt: title, value, validateInput: check, ignoreFocusOut: true }),
  during: async (title, work) =>
    vscode.window.withProgress({ location: vscode.ProgressLocation.Notification, title }, () => work),
  copy: async (text) => vscode.env.clipboard.writeText(text),
  open: async (url) => {
    await vscode.env.openExternal(vscode.Uri.parse(url, true));
  },
  saveFile,
  losses: currentLosses,
  saveAll: async () => vscode.workspace.saveAll(true),
  run: async (command, ...args) => {
    await vscode.commands.executeCommand(command, ...args);
  },
};

async function saveFile(name: string, content: string): Promise<string | undefined> {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  const defaultUri = folder === undefined ? undefined : vscode.Uri.joinPath(folder, name);
  const uri = await vscode.window.showSaveDialog({ defaultUri });
  if (uri === undefined) return undefined;
  await vscode.workspace.fs.writeFile(uri, new TextEncoder().encode(content));
  await vscode.window.showTextDocument(uri);
  return vscode.workspace.asRelativePath(uri);
}
