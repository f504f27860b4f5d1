import { useEffect, useRef, type ReactElement } from 'react';
import { Icon, type IconName } from './icons.tsx';

export interface TabLink {
  href: string;
  text: string;
  icon?: IconName;
  current: boolean;
}

/** Links between the pages of one place. They are links, so they open in new tabs and go back. */
export function TabLinks(props: {
  label: string;
  links: readonly TabLink[];
  onFollow: (href: string) => void;
}): ReactElement {
  const current = useRef<HTMLAnchorElement>(null);
  const href = props.links.find((link) => link.current)?.href;
  // Where the links are wider than the page, the current one must not be among those that are out of sight.
  useEffect(() => current.current?.scrollIntoView({ block: 'nearest', inline: 'nearest' }), [href]);
  return (
    <nav className="davit-tabs" aria-label={props.label}>
      {props.links.map((link) => (
        <a
          key={link.href}
          ref={link.current ? current : undefined}
          href={link.href}
          aria-current={link.current ? 'page' : undefined}
          onClick={(event) => {
            if (event.metaKey || event.ctrlKey || event.shiftKey) return;
            event.preventDefault();
            props.onFollow(link.href);
          }}
        >
          {link.icon !== undefined && <Icon name={link.icon} />}
          {link.text}
        </a>
      ))}
    </nav>
  );
}
