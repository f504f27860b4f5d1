/**
 * Picks, out of a machine's apt sources, those of one Debian release that a fresh Debian can use: signed by Debian's own
 * keys. Third parties' sources need keys that are not in the image, and one of them makes `apt-get update` fail. Empty
 * unless the release itself is among them.
 */
export function debianSources(
  files: { name: string; text: string }[],
  release: string,
): { name: string; text: string }[] {
  const suites = new Set(['', '-updates', '-security', '-backports', '/updates'].map((end) => `${release}${end}`));
  const picked = files.flatMap(({ name, text }) => {
    const kept = name.endsWith('.sources') ? stanzas(text, suites) : lines(text, suites);
    return kept === '' ? [] : [{ name: name.slice(name.lastIndexOf('/') + 1), text: `${kept}\n` }];
  });
  const whole = new RegExp(`(^|\\s)${release}(\\s|$)`, 'm');
  return picked.some(({ text }) => whole.test(text)) ? picked : [];
}

function stanzas(text: string, suites: Set<string>): string {
  const wanted = text.split(/\n\s*\n/).filter((stanza) => {
    const field = (name: string): string => new RegExp(`^${name}:(.*)$`, 'im').exec(stanza)?.[1]?.trim() ?? '';
    const listed = field('Suites').split(/\s+/).filter(Boolean);
    return (
      /\bdeb\b/.test(field('Types')) &&
      !/^no$/i.test(field('Enabled')) &&
      listed.length > 0 &&
      listed.every((suite) => suites.has(suite)) &&
      isDebianKey(field('Signed-By'))
    );
  });
  return wanted.map((stanza) => stanza.trim()).join('\n\n');
}

function lines(text: string, suites: Set<string>): string {
  const wanted = text.split('\n').filter((line) => {
    const groups = /^\s*deb\s+(?:\[(?<options>[^\]]*)\]\s+)?\S+\s+(?<suite>\S+)\s+\S/.exec(line)?.groups;
    if (groups === undefined) return false;
    const key = /signed-by=(\S+)/.exec(groups['options'] ?? '')?.[1] ?? '';
    return suites.has(groups['suite'] ?? '') && isDebianKey(key);
  });
  return wanted.join('\n');
}

function isDebianKey(signedBy: string): boolean {
  return signedBy === '' || /^\/usr\/share\/keyrings\/debian-archive-[a-z0-9-]+\.(gpg|pgp|asc)$/.test(signedBy);
}
