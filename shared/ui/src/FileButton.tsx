import type { ReactElement, ReactNode } from 'react';
import { FileTrigger } from 'react-aria-components';
import { Button } from './Button.tsx';

export interface FileButtonProps {
  /** Endings and media types that the browser offers. */
  accept: string[];
  onFile: (file: File) => void;
  children: ReactNode;
}

/** A button that asks for one file. */
export function FileButton({ accept, onFile, children }: FileButtonProps): ReactElement {
  return (
    <FileTrigger
      acceptedFileTypes={accept}
      onSelect={(files) => {
        const file = files?.[0];
        if (file !== undefined) onFile(file);
      }}
    >
      <Button icon="upload">{children}</Button>
    </FileTrigger>
  );
}
