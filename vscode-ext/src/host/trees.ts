import * as vscode from 'vscode';
import { disposeAll, type Disposable } from '../base/signal.ts';
import type { Row, TreeSource } from '../rows/row.ts';

/** Shows a source of rows as the view of that id. The source is watched only while the view can be seen. */
export function showTree(viewId: string, source: TreeSource): Disposable {
  const changed = new vscode.EventEmitter<undefined>();
  const provider: vscode.TreeDataProvider<Row> = {
    onDidChangeTreeData: changed.event,
    getChildren: (row) => [...(row === undefined ? source.tree().rows : (row.children ?? []))],
    getTreeItem: itemOf,
  };
  const view = vscode.window.createTreeView(viewId, { treeDataProvider: provider, showCollapseAll: false });
  let watching: Disposable | undefined;
  const update = (): void => {
    const { message, description, badge } = source.tree();
    view.message = message;
    view.description = description;
    view.badge = badge;
    changed.fire(undefined);
  };
  const follow = (): void => {
    if (view.visible) watching ??= source.watch();
    else {
      watching?.dispose();
      watching = undefined;
    }
  };
  const disposables: Disposable[] = [view, changed, source.changed.on(update), view.onDidChangeVisibility(follow)];
  update();
  follow();
  return {
    dispose: () => {
      watching?.dispose();
      disposeAll(disposables);
    },
  };
}

function itemOf(row: Row): vscode.TreeItem {
  const { TreeItemCollapsibleState: State } = vscode;
  const state = row.children === undefined ? State.None : row.collapsed === true ? State.Collapsed : State.Expanded;
  const item = new vscode.TreeItem(row.label, state);
  item.id = row.id;
  item.description = row.description;
  item.tooltip = row.tooltip?.join('\n');
  item.contextValue = row.contextValue;
  const spoken = [row.label, row.description].filter((part) => part !== undefined).join(', ');
  item.accessibilityInformation = { label: spoken };
  if (row.icon !== undefined) {
    const color = row.icon.color === undefined ? undefined : new vscode.ThemeColor(row.icon.color);
    item.iconPath = new vscode.ThemeIcon(row.icon.name, color);
  }
  if (row.command !== undefined) item.command = { command: row.command, title: row.label, arguments: [row] };
  return item;
}
