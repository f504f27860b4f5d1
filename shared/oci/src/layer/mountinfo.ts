import { readFile } from 'node:fs/promises';

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

/** The mounts of a process, later ones on top of earlier ones. */
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
  /**
   * The upper one may hold files without their contents (metacopy) and directories whose contents lie under another name
   * below (redirect_dir): read by itself it would give empty files and lack what was in those directories.
   */
  isPartial: boolean;
}

/** What the kernel does where a mount does not say: mounts tell only of options that are not so. */
export interface OverlayDefaults {
  metacopy: boolean;
  redirectDir: boolean;
}

/** The kernel's parameters of overlayfs; one that knows an option not has no parameter for it. */
export async function overlayDefaults(directory = '/sys/module/overlay/parameters'): Promise<OverlayDefaults> {
  const isOn = async (name: string) =>
    (await readFile(`${directory}/${name}`, 'utf8').catch(() => 'N')).startsWith('Y');
  const [metacopy, redirectDir] = await Promise.all([isOn('metacopy'), isOn('redirect_dir')]);
  return { metacopy, redirectDir };
}

/** Undefined where it is none, or one that cannot be read by root: its marks are a user's, or layers hold data alone. */
export function overlayOf(mount: Mount, defaults: OverlayDefaults): Overlay | undefined {
  const [upper] = valuesOf(mount, 'upperdir');
  if (mount.type !== 'overlay' || upper === undefined || mount.options.includes('userxattr')) return undefined;
  // Newer kernels tell each directory by an option of its own. A runtime gives names relative to its own directory of
  // layers when there are many.
  const lower = [...valuesOf(mount, 'lowerdir').flatMap((list) => list.split(':')), ...valuesOf(mount, 'lowerdir+')];
  if (lower.includes('') || valuesOf(mount, 'datadir+').length > 0) return undefined;
  const base = upper.split('/').slice(0, -2).join('/');
  const isPartial = isOn(mount, 'metacopy', defaults.metacopy) || isOn(mount, 'redirect_dir', defaults.redirectDir);
  return { upper, lower: lower.map((path) => (path.startsWith('/') ? path : `${base}/${path}`)), isPartial };
}

/** `redirect_dir` may also be `follow` or `nofollow`, with which nothing new is written in that way. */
function isOn(mount: Mount, option: string, byDefault: boolean): boolean {
  const [value = byDefault ? 'on' : 'off'] = valuesOf(mount, option);
  return value === 'on';
}
