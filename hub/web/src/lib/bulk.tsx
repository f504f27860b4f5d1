import type { EventType } from '@davit/contract';
import { Button, FormDialog, ProgressBar, type Selection } from '@davit/ui';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState, type ReactElement, type ReactNode } from 'react';
import { errorText } from '../api/client.ts';
import { markOutdated } from '../api/queries.ts';
import { useTexts } from '../i18n/language.tsx';

/** More names than this are counted. */
const NAMES_SHOWN = 12;

/** Which of the rows that are shown are ticked; those that go away are ticked no longer. */
export function useTicked<T>(rows: readonly T[], keyOf: (row: T) => string) {
  const [keys, setKeys] = useState<ReadonlySet<string>>(new Set());
  const ticked = rows.filter((row) => keys.has(keyOf(row)));
  const { common } = useTexts();
  const selection = (labelOf: (row: T) => string): Selection<T> => ({
    selected: new Set(ticked.map(keyOf)),
    onChange: setKeys,
    labelOf: (row) => common.tick(labelOf(row)),
    labelOfAll: common.tickAll,
  });
  return { ticked, selection, clear: () => setKeys(new Set()) };
}

/** What can be done with all ticked rows; nothing while none is. */
export function BulkBar(props: { count: number; onClear: () => void; children: ReactNode }): ReactElement {
  const { common } = useTexts();
  return (
    <div role="status">
      {props.count > 0 && (
        <div className="tools bulk">
          <span>{common.ticked(props.count)}</span>
          {props.children}
          <Button onPress={props.onClear}>{common.untick}</Button>
        </div>
      )}
    </div>
  );
}

export interface BulkDialogProps<T> {
  /** A question that says how many. */
  title: string;
  /** The verb. */
  submit: string;
  danger?: boolean;
  rows: readonly T[];
  nameOf: (row: T) => string;
  act: (row: T) => Promise<unknown>;
  /** Pages that show such things ask again. */
  changes: EventType;
  onClose: () => void;
  /** What is lost, and what stays. */
  children?: ReactNode;
}

interface Run<T> {
  done: number;
  failed: { row: T; error: unknown }[];
  isOver: boolean;
}

/** Does one thing with many, one after the other: tells how far it is, and at the end which could not be done and why. */
export function BulkDialog<T>(props: BulkDialogProps<T>): ReactElement {
  const { nameOf, act, changes, onClose } = props;
  const { common } = useTexts();
  const client = useQueryClient();
  // As they were when it was asked: what was done changes the list behind.
  const [rows, setRows] = useState(props.rows);
  const [run, setRun] = useState<Run<T>>();
  const closed = useRef(false);
  useEffect(() => {
    closed.current = false;
    return () => {
      closed.current = true;
    };
  }, []);

  const start = async (): Promise<void> => {
    const failed: Run<T>['failed'] = [];
    for (const [done, row] of rows.entries()) {
      if (closed.current) break;
      setRun({ done, failed, isOver: false });
      await act(row).catch((error: unknown) => failed.push({ row, error }));
    }
    markOutdated(client, changes);
    if (failed.length === 0) onClose();
    else setRun({ done: rows.length, failed, isOver: true });
  };
  const again = (): void => {
    setRows(run?.failed.map(({ row }) => row) ?? rows);
    setRun(undefined);
  };
  const names = rows.slice(0, NAMES_SHOWN).map(nameOf).join(', ');
  return (
    <FormDialog
      title={props.title}
      size="small"
      alert
      danger={props.danger}
      submit={run?.isOver === true ? common.retry : props.submit}
      pending={run?.isOver === false}
      onClose={onClose}
      onSubmit={run?.isOver === true ? again : () => void start()}
    >
      {run === undefined && (
        <>
          <p className="wrap-anywhere">
            {rows.length > NAMES_SHOWN ? common.andMore(names, rows.length - NAMES_SHOWN) : names}
          </p>
          {props.children}
        </>
      )}
      {run?.isOver === false && (
        <>
          <p role="status">{common.progress(run.done, rows.length)}</p>
          <ProgressBar label={props.title} percent={(100 * run.done) / rows.length} />
        </>
      )}
      {run?.isOver === true && (
        <div role="alert">
          <p>{common.notDone(run.failed.length, rows.length)}</p>
          <ul>
            {run.failed.map(({ row, error }) => (
              <li key={nameOf(row)} className="wrap-anywhere">
                {nameOf(row)}: {errorText(error, common)}
              </li>
            ))}
          </ul>
        </div>
      )}
    </FormDialog>
  );
}
