import type { ReactElement, ReactNode } from 'react';
import { Button } from './Button.tsx';
import { Dialog, DialogBody, DialogFoot, type DialogProps } from './Dialog.tsx';
import { Form } from './Form.tsx';
import { Notice } from './Notice.tsx';
import { useUiTexts } from './texts.tsx';

export interface FormDialogProps extends DialogProps {
  /** The verb on the button, never "OK". */
  submit: string;
  danger?: boolean;
  pending?: boolean;
  disabled?: boolean;
  /** What went wrong with the last submit, in words. */
  error?: string;
  /** Messages of the server by field name, shown at the fields. */
  fieldErrors?: Record<string, string>;
  /** Stands left of the buttons. */
  hint?: ReactNode;
  onSubmit: () => void;
}

/** A dialog that is a form: Enter submits, failures stay in it, nothing typed is lost. */
export function FormDialog(props: FormDialogProps): ReactElement {
  const texts = useUiTexts();
  return (
    <Dialog {...props}>
      <Form
        className="davit-dialog-form"
        fieldErrors={props.fieldErrors}
        onSubmit={() => {
          if (props.pending !== true && props.disabled !== true) props.onSubmit();
        }}
      >
        <DialogBody>
          {props.children}
          {props.error !== undefined && <Notice tone="danger">{props.error}</Notice>}
        </DialogBody>
        <DialogFoot>
          {props.hint !== undefined && <div className="davit-dialog-hint">{props.hint}</div>}
          <Button onPress={props.onClose}>{texts.cancel}</Button>
          <Button
            type="submit"
            variant={props.danger === true ? 'danger' : 'primary'}
            pending={props.pending}
            disabled={props.disabled}
          >
            {props.submit}
          </Button>
        </DialogFoot>
      </Form>
    </Dialog>
  );
}
