import * as vscode from 'vscode';
import { disposeAll, type Disposable } from '../base/signal.ts';

/** Calls `onInput` when the person types, clicks or comes back: not for what programs change by themselves. */
export function watchInput(onInput: () => void): Disposable {
  const focused = () => vscode.window.state.focused;
  const disposables: Disposable[] = [
    vscode.window.onDidChangeTextEditorSelection(({ kind }) => {
      const { Keyboard, Mouse } = vscode.TextEditorSelectionChangeKind;
      if (kind === Keyboard || kind === Mouse) onInput();
    }),
    // A file that a program rewrote is read anew without becoming dirty.
    vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
      const active = vscode.window.activeTextEditor?.document === document;
      if (focused() && active && document.isDirty && contentChanges.length > 0) onInput();
    }),
    vscode.window.onDidChangeTerminalState((terminal) => {
      if (terminal.state.isInteractedWith) onInput();
    }),
    vscode.window.onDidChangeWindowState((state) => {
      if (state.focused && state.active) onInput();
    }),
  ];
  return { dispose: () => disposeAll(disposables) };
}

/** True while the person uses this window: keys and pointer count, an untouched open tab does not. */
export function isWindowActive(): boolean {
  const { focused, active } = vscode.window.state;
  return focused && active;
}
