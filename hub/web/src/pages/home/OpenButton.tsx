import type { Server } from '@davit/contract';
import { Button, MenuButton } from '@davit/ui';
import type { ReactElement } from 'react';
import { useTexts } from '../../i18n/language.tsx';
import { useOpen } from '../../lib/useOpen.tsx';

/** Opens the one editor of a running server at once, or offers those that it has. */
export function OpenButton({ server }: { server: Server }): ReactElement {
  const { server: words } = useTexts();
  const { open, opening } = useOpen(server);
  const [only, ...others] = server.editors;

  if (only !== undefined && others.length === 0) {
    return (
      <Button
        variant="primary"
        icon="external"
        pending={opening}
        disabled={!server.readyEditors.includes(only)}
        onPress={() => open(only)}
      >
        {words.openIn(words.editors[only])}
      </Button>
    );
  }
  return (
    <MenuButton
      label={words.openOf(server.name)}
      variant="primary"
      icon="external"
      disabled={opening}
      entries={server.editors.map((editor) => {
        const ready = server.readyEditors.includes(editor);
        return {
          id: editor,
          text: words.editors[editor],
          icon: editor,
          disabled: !ready,
          hint: ready ? undefined : words.editorStarting,
          onAction: () => open(editor),
        };
      })}
    >
      {words.open}
    </MenuButton>
  );
}
