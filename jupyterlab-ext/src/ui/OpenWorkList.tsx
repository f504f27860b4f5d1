import { Notice } from '@davit/ui';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { ReactElement } from 'react';
import type { OpenWork } from '../openWork.ts';

/** Unsaved documents, kernels and terminals by name; nothing where there is none. */
export function OpenWorkList({ work, trans }: { work: OpenWork; trans: TranslationBundle }): ReactElement | undefined {
  const { unsaved, kernels, terminals } = work;
  if (unsaved.length + kernels.length + terminals.length === 0) return undefined;
  return (
    <Notice tone={unsaved.length > 0 || kernels.some(({ busy }) => busy) ? 'warning' : 'info'}>
      <div className="jp-davit-work">
        <Names title={trans._n('%1 unsaved document', '%1 unsaved documents', unsaved.length)}>
          {unsaved.map(({ path }) => path)}
        </Names>
        <Names title={trans._n('%1 running kernel', '%1 running kernels', kernels.length)}>
          {kernels.map(({ name, path, busy }) =>
            busy ? trans.__('%1 (%2, busy)', path, name) : trans.__('%1 (%2)', path, name),
          )}
        </Names>
        <Names title={trans._n('%1 terminal', '%1 terminals', terminals.length)}>
          {terminals.map((name) => trans.__('terminal %1', name))}
        </Names>
      </div>
    </Notice>
  );
}

function Names({ title, children }: { title: string; children: string[] }): ReactElement | undefined {
  if (children.length === 0) return undefined;
  return (
    <div>
      <strong>{title}</strong>
      <ul>
        {children.map((name) => (
          <li key={name}>{name}</li>
        ))}
      </ul>
    </div>
  );
}
