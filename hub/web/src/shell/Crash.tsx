import { Component, type ReactNode } from 'react';

/** Keeps a fault of one page from leaving an empty window: shows `message` instead. */
export class Crash extends Component<{ message: string; children: ReactNode }, { crashed: boolean }> {
  override state = { crashed: false };

  static getDerivedStateFromError(): { crashed: boolean } {
    return { crashed: true };
  }

  override render(): ReactNode {
    if (!this.state.crashed) return this.props.children;
    return (
      <main className="page">
        <div className="davit-notice davit-notice-danger" role="alert">
          {this.props.message}
        </div>
      </main>
    );
  }
}
