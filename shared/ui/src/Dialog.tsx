import type { ReactElement, ReactNode } from 'react';
import { Dialog as AriaDialog, Heading, Modal, ModalOverlay } from 'react-aria-components';
import { IconButton } from './Button.tsx';
import { useUiTexts } from './texts.tsx';

export interface DialogProps {
  title: ReactNode;
  /** `small` asks, `medium` holds a form, `large` holds a log or cards. */
  size?: 'small' | 'medium' | 'large';
  /** A question about destruction is announced as an alert. */
  alert?: boolean;
  /** Outside presses close it; off where typed text would be lost. */
  dismissable?: boolean;
  onClose: () => void;
  children: ReactNode;
}

/** A modal dialog; render it only while it is open. Esc and the cross close it. */
export function Dialog(props: DialogProps): ReactElement {
  const texts = useUiTexts();
  return (
    <ModalOverlay
      className="davit-overlay"
      isOpen
      isDismissable={props.dismissable ?? false}
      onOpenChange={(open) => {
        if (!open) props.onClose();
      }}
    >
      <Modal className={`davit-modal davit-modal-${props.size ?? 'medium'}`}>
        <AriaDialog className="davit-dialog" role={props.alert === true ? 'alertdialog' : 'dialog'}>
          <header className="davit-dialog-head">
            <Heading slot="title" className="davit-dialog-title">
              {props.title}
            </Heading>
            <IconButton icon="close" label={texts.close} onPress={props.onClose} />
          </header>
          {props.children}
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  );
}

/** The part of a dialog that scrolls. */
export function DialogBody({ children }: { children: ReactNode }): ReactElement {
  return <div className="davit-dialog-body">{children}</div>;
}

/** The row of buttons at the foot; the one that acts stands last. */
export function DialogFoot({ children }: { children: ReactNode }): ReactElement {
  return <footer className="davit-dialog-foot">{children}</footer>;
}
