import { importUsers, type RouteOutput } from '@davit/contract';
import {
  Button,
  CopyButton,
  DataTable,
  Dialog,
  DialogBody,
  DialogFoot,
  FileButton,
  Notice,
  Tag,
  TextField,
} from '@davit/ui';
import { useState, type ReactElement } from 'react';
import { useAct } from '../../api/queries.ts';
import { useTexts } from '../../i18n/language.tsx';
import { ActDialog } from '../../lib/ActDialog.tsx';

/** What the hub takes at most, in characters. */
const LARGEST = 2_000_000;
const EXAMPLE = 'name,displayName,role\nada,Ada Lovelace,user\n';

type Report = RouteOutput<typeof importUsers>['items'];

/** Creates many accounts from CSV and reports on each line. */
export function ImportDialog({ onClose }: { onClose: () => void }): ReactElement {
  const { users: words } = useTexts();
  const [csv, setCsv] = useState('');
  const [tooLarge, setTooLarge] = useState(false);
  const run = useAct(importUsers, 'user');

  if (run.data !== undefined) return <ImportReport report={run.data.items} onClose={onClose} />;

  const read = (file: File): void => {
    setTooLarge(file.size > LARGEST);
    if (file.size <= LARGEST) void file.text().then(setCsv);
  };
  return (
    <ActDialog
      title={words.importTitle}
      size="medium"
      submit={words.importSubmit}
      act={run}
      disabled={csv.trim() === ''}
      onClose={onClose}
      onSubmit={() => run.mutate({ body: { csv } })}
    >
      <p>{words.importLead}</p>
      <p className="davit-muted">{words.importPasswords}</p>
      <div>
        <FileButton accept={['.csv', 'text/csv', 'text/plain']} onFile={read}>
          {words.importFile}
        </FileButton>
      </div>
      {tooLarge && <Notice tone="danger">{words.importTooLarge}</Notice>}
      <TextField label={words.importText} name="csv" value={csv} onChange={setCsv} rows={8} placeholder={EXAMPLE} />
    </ActDialog>
  );
}

function ImportReport({ report, onClose }: { report: Report; onClose: () => void }): ReactElement {
  const { users: words, common } = useTexts();
  const count = (status: Report[number]['status']): number => report.filter((line) => line.status === status).length;
  const links = report.flatMap(({ name, passwordLink }) =>
    passwordLink === undefined ? [] : `${name}\t${passwordLink}`,
  );
  const tones = { created: undefined, exists: 'warning', refused: 'danger' } as const;
  return (
    <Dialog title={words.importReport} size="large" onClose={onClose}>
      <DialogBody>
        <Notice tone={count('refused') === 0 ? 'success' : 'warning'}>
          {words.importDone(count('created'), count('exists'), count('refused'))}
        </Notice>
        {links.length > 0 && (
          <Notice tone="warning" action={<CopyButton text={links.join('\n')} />}>
            {words.importLinks}
          </Notice>
        )}
        <DataTable
          label={words.importReport}
          rows={report}
          rowKey={({ line }) => String(line)}
          columns={[
            { id: 'line', title: words.importLine, align: 'end', cell: ({ line }) => line },
            { id: 'name', title: common.name, main: true, cell: ({ name }) => name },
            {
              id: 'status',
              title: words.state,
              cell: ({ status }) => <Tag tone={tones[status]}>{words.importStatus[status]}</Tag>,
            },
            {
              id: 'message',
              title: words.importMessage,
              cell: ({ message, passwordLink }) =>
                passwordLink === undefined ? (
                  common.hubText(message ?? '')
                ) : (
                  <code className="wrap-anywhere">{passwordLink}</code>
                ),
            },
          ]}
        />
      </DialogBody>
      <DialogFoot>
        <Button variant="primary" onPress={onClose}>
          {common.close}
        </Button>
      </DialogFoot>
    </Dialog>
  );
}
