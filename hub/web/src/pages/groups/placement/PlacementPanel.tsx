import {
  getGroupPlacement,
  setGroupPlacement,
  type Group,
  type Placement,
  type PlacementOfGroup,
} from '@davit/contract';
import { Button, Form, Notice, NumberField, TextField } from '@davit/ui';
import { useState, type ReactElement } from 'react';
import { errorText, fieldErrors } from '../../../api/client.ts';
import { useAct, useRoute } from '../../../api/queries.ts';
import { useTexts } from '../../../i18n/language.tsx';
import { Failure } from '../../../lib/failure.tsx';
import { useNotify } from '../../../lib/notices.tsx';
import { atFields, draftOf, inShort, placementOf, type PlacementDraft } from './draft.ts';
import { LabelRows, TolerationRows } from './rows.tsx';

/** Where the servers of a group run, for admins; nothing where servers do not run on a cluster. */
export function PlacementPanel({ group }: { group: Group }): ReactElement | undefined {
  const { placement: words } = useTexts();
  const known = useRoute('group', getGroupPlacement, { params: { id: group.id } });
  if (known.data !== undefined) return known.data.applies ? <Panel group={group} known={known.data} /> : undefined;
  if (known.error === null) return undefined;
  return <Failure title={words.failed} error={known.error} onRetry={() => void known.refetch()} />;
}

interface PanelProps {
  group: Group;
  known: PlacementOfGroup;
}

/** Starts from what was loaded; what somebody else saves meanwhile does not overwrite what is being typed. */
function Panel({ group, known }: PanelProps): ReactElement {
  const { placement: words, common } = useTexts();
  const notify = useNotify();
  const set = useAct(setGroupPlacement, 'group');
  const [draft, setDraft] = useState(() => draftOf(known.placement));
  const placement = placementOf(draft);
  const change = (part: Partial<PlacementDraft>): void => setDraft({ ...draft, ...part });

  const submit = (): void => {
    if (placement === undefined) return;
    set.mutate(
      { params: { id: group.id }, body: placement },
      {
        onSuccess: (saved) => {
          setDraft(draftOf(saved.placement));
          notify('success', words.saved);
        },
      },
    );
  };
  return (
    <section className="panel" aria-labelledby="placement-title">
      <header className="panel-head">
        <h2 id="placement-title">{words.title}</h2>
        <p>{words.lead}</p>
      </header>
      <Form className="panel-body" fieldErrors={atFields(fieldErrors(set.error, common))} onSubmit={submit}>
        <ByHub hub={known.hub} />
        <LabelRows rows={draft.labels} onChange={(labels) => change({ labels })} />
        <TolerationRows rows={draft.tolerations} onChange={(tolerations) => change({ tolerations })} />
        <NameFields draft={draft} hub={known.hub} onChange={change} />
        <PrecedenceField value={draft.precedence} onChange={(precedence) => change({ precedence })} />
        {set.error !== null && <Notice tone="danger">{errorText(set.error, common)}</Notice>}
        <div className="settings-foot">
          <Button type="submit" variant="primary" pending={set.isPending} disabled={placement === undefined}>
            {words.save}
          </Button>
        </div>
      </Form>
    </section>
  );
}

/** What the hub's own settings say of all servers; nothing where they say nothing. */
function ByHub({ hub }: { hub: Placement }): ReactElement | undefined {
  const { placement: words } = useTexts();
  const lines = inShort(hub);
  if (lines.length === 0) return undefined;
  return (
    <div>
      <div className="davit-description">{words.hub}</div>
      <div className="placement-hub">
        {lines.map((one) => (
          <code key={one}>{one}</code>
        ))}
      </div>
    </div>
  );
}

interface NameFieldsProps {
  draft: PlacementDraft;
  hub: Placement;
  onChange: (part: Partial<PlacementDraft>) => void;
}

/** Classes and secrets that the cluster knows by name. */
function NameFields({ draft, hub, onChange }: NameFieldsProps): ReactElement {
  const { placement: words } = useTexts();
  const byHub = (name: string | null): string => (name === null ? words.fromCluster : words.fromHub(name));
  return (
    <fieldset className="checks">
      <legend className="davit-label">{words.names}</legend>
      <div className="placement-names">
        <TextField
          label={words.priorityClass}
          name="priorityClassName"
          value={draft.priorityClassName}
          onChange={(priorityClassName) => onChange({ priorityClassName })}
          placeholder={byHub(hub.priorityClassName)}
          description={words.priorityClassHint}
          maxLength={253}
        />
        <TextField
          label={words.runtimeClass}
          name="runtimeClassName"
          value={draft.runtimeClassName}
          onChange={(runtimeClassName) => onChange({ runtimeClassName })}
          placeholder={byHub(hub.runtimeClassName)}
          description={words.runtimeClassHint}
          maxLength={253}
        />
        <TextField
          label={words.pullSecrets}
          name="imagePullSecrets"
          value={draft.pullSecrets}
          onChange={(pullSecrets) => onChange({ pullSecrets })}
          description={words.pullSecretsHint}
        />
      </div>
    </fieldset>
  );
}

/** Which group counts for a person of several. */
function PrecedenceField(props: { value: number; onChange: (precedence: number) => void }): ReactElement {
  const { placement: words } = useTexts();
  return (
    <div>
      <div className="short-field">
        <NumberField
          label={words.precedence}
          name="precedence"
          value={props.value}
          min={0}
          max={1000}
          step={1}
          onChange={props.onChange}
        />
      </div>
      <div className="davit-description">{words.precedenceHint}</div>
    </div>
  );
}
