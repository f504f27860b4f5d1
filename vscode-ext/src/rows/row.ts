import type { Disposable } from '../base/signal.ts';
import type { Signal } from '../base/signal.ts';

/** One line of a tree as plain data; the edge to the editor makes a tree item of it. */
export interface Row {
  /** Unique in its tree and the same as long as the thing is the same: selection and open state hang on it. */
  id: string;
  label: string;
  description?: string;
  /** Lines of plain text. */
  tooltip?: readonly string[];
  /** A codicon, with a theme colour where it means something. */
  icon?: { name: string; color?: string };
  /** What the menus of package.json go by. */
  contextValue?: string;
  /** What a click does. */
  command?: string;
  /** What the row's commands work on. */
  target?: RowTarget;
  children?: readonly Row[];
  /** Closed at first; open is the rule. */
  collapsed?: boolean;
}

/** The thing that a row stands for. */
export type RowTarget =
  | { kind: 'image'; id: string }
  | { kind: 'job'; id: string }
  | { kind: 'port'; port: number }
  | { kind: 'editor'; editor: 'jupyterlab' | 'code-server' | 'desktop' };

/** A tree as the edge shows it. `message` stands above the rows; without rows and message the welcome text shows. */
export interface Tree {
  rows: readonly Row[];
  message?: string;
  description?: string;
  badge?: { value: number; tooltip: string };
}

/** Where the rows of a view come from. */
export interface TreeSource {
  changed: Signal;
  tree(): Tree;
  /** Keeps the rows fresh while the view is visible. */
  watch(): Disposable;
}
