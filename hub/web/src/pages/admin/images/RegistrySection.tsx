import { listRegistryRepositories, type RegistryRepository } from '@davit/contract';
import { DataTable, EmptyState, formatBytes } from '@davit/ui';
import type { ReactElement } from 'react';
import { api } from '../../../api/client.ts';
import { usePages } from '../../../api/queries.ts';
import { useTexts } from '../../../i18n/language.tsx';
import { ListState } from '../../../lib/ListState.tsx';

/** What lies in the registry of a cluster; nothing where the hub has none. */
export function RegistrySection(): ReactElement | undefined {
  const words = useTexts().images.registry;
  const list = usePages('image', ['registry'], (cursor, signal) =>
    api(listRegistryRepositories, { query: { cursor } }, { signal }),
  );
  const host = list.data?.pages[0]?.host;
  if (host === null || (host === undefined && list.error === null)) return undefined;
  return (
    <section className="panel" aria-labelledby="registry-title">
      <header className="panel-head">
        <h2 id="registry-title">{words.title}</h2>
        {host !== undefined && <p>{words.lead(host)}</p>}
      </header>
      <ListState
        list={list}
        failed={words.failed}
        empty={
          <EmptyState icon="box" title={words.empty}>
            {words.emptyText}
          </EmptyState>
        }
      >
        {(items) => (
          <DataTable
            label={words.title}
            rows={items}
            rowKey={({ name }) => name}
            columns={[
              { id: 'name', title: words.repository, main: true, cell: ({ name }) => <Name name={name} /> },
              { id: 'tags', title: words.tags, cell: (repository) => <Tags repository={repository} /> },
              { id: 'size', title: words.size, align: 'end', cell: ({ tags }) => sizes(tags) },
            ]}
          />
        )}
      </ListState>
    </section>
  );
}

function Name({ name }: { name: string }): ReactElement {
  return <span className="wrap-anywhere davit-code">{name}</span>;
}

function Tags({ repository: { tags, tagCount } }: { repository: RegistryRepository }): ReactElement {
  const words = useTexts().images.registry;
  const rest = tagCount - tags.length;
  return (
    <ul className="registry-tags">
      {tags.map(({ name, digest }) => (
        <li key={name} title={digest ?? undefined} className="wrap-anywhere">
          {name}
        </li>
      ))}
      {rest > 0 && <li className="davit-muted">{words.moreTags(rest)}</li>}
    </ul>
  );
}

function sizes(tags: RegistryRepository['tags']): ReactElement {
  return (
    <ul className="registry-tags">
      {tags.map(({ name, sizeBytes }) => (
        <li key={name}>{sizeBytes === null ? '—' : formatBytes(sizeBytes)}</li>
      ))}
    </ul>
  );
}
