import { createContext, useContext, useState, type ReactElement, type ReactNode } from 'react';
import { Form as AriaForm } from 'react-aria-components';
import { useUiTexts } from './texts.tsx';

interface Wrong {
  /** Names of required fields that were empty at the last try. */
  missing: readonly string[];
  /** Messages of the server by field name. */
  refused: Readonly<Record<string, string>>;
}

const WrongContext = createContext<Wrong>({ missing: [], refused: {} });

export interface FormProps {
  className?: string;
  fieldErrors?: Readonly<Record<string, string>>;
  /** Called when no required field is empty. */
  onSubmit: () => void;
  children: ReactNode;
}

/**
 * A form whose fields say what is wrong with them, by name. A message stays until the next try or until the field is
 * filled: one that went away as the field is left would move the button from under the pointer that presses it.
 */
export function Form({ className, fieldErrors = {}, onSubmit, children }: FormProps): ReactElement {
  const [missing, setMissing] = useState<readonly string[]>([]);
  const submit = (form: HTMLFormElement): void => {
    const required = form.querySelectorAll<HTMLInputElement>('[aria-required=true]');
    const empty = [...required].filter((input) => input.value === '');
    setMissing(empty.map((input) => input.name));
    if (empty[0] === undefined) onSubmit();
    else empty[0].focus();
  };
  return (
    <WrongContext.Provider value={{ missing, refused: fieldErrors }}>
      <AriaForm
        className={className}
        validationBehavior="aria"
        onSubmit={(event) => {
          event.preventDefault();
          submit(event.currentTarget);
        }}
      >
        {children}
      </AriaForm>
    </WrongContext.Provider>
  );
}

/** What is wrong with the field of that name, if anything. */
export function useFieldError(name: string | undefined, empty: boolean): string | undefined {
  const { missing, refused } = useContext(WrongContext);
  const texts = useUiTexts();
  if (name === undefined) return undefined;
  return empty && missing.includes(name) ? texts.required : refused[name];
}
