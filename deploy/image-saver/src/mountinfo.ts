/** One line of `/proc/<pid>/mountinfo` (proc_pid_mountinfo(5)). */
export interface Mount {
  /** `major:minor`: each overlay has its own. */
  device: string;
  /** Which part of the file system is seen. */
  root: string;
  /** Where, as the process sees it. */
  point: string;
  writable: boolean;
  type: string;
  /** Options of the file system, such as `upperdir=/…`. */
  options: string[];
}

export function parseMountinfo(text: string): Mount[] {
  return text.split('\n').flatMap((line) => {
    const [before = '', after] = line.split(' - ', 2);
    if (after === undefined) return [];
    const [, , device = '', root = '', point = '', flags = ''] = before.split(' ');
    const [type = '', , options = ''] = after.split(' ');
    const writable = flags.split(',').includes('rw');
    return [{ device, root: plain(root), point: plain(point), writable, type, options: options.split(',').map(plain) }];
  });
}

/** Spaces and the like are written as octal numbers. */
function plain(text: string): string {
  return text.replaceAll(/\\(\d{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8)));
}

/** Values of an option that may be given several times. */
function valuesOf({ options }: Mount, name: string): string[] {
  return options.filter((option) => option.startsWith(`${name}=`)).map((option) => option.slice(name.length + 1));
}

/** Directories of an overlay: the writable one, and those below it, the topmost first. */
export interface Overlay {
  upper: string;
  lower: string[];
}

/** Undefined where it is none, or one that keeps more than whole files in its upper directory. */
export function overlayOf(mount: Mount): Overlay | undefined {
  const [upper] = valuesOf(mount, 'upperdir');
  const special = ['redirect_dir=on', 'metacopy=on', 'userxattr'];
  if (mount.type !== 'overlay' || upper === undefined || mount.options.some((one) => special.includes(one))) {
    return undefined;
  }
  // Newer kernels tell each directory by an option of its own. A runtime gives names relative to its own directory of
  // layers when there are many.
  const lower = [...valuesOf(mount, 'lowerdir').flatMap((list) => list.split(':')), ...valuesOf(mount, 'lowerdir+')];
  const base = upper.split('/').slice(0, -2).join('/');
  return { upper, lower: lower.map((path) => (path.startsWith('/') ? path : `${base}/${path}`)) };
}
